/** The verdicts of `whopins check` as text of at most 80 columns, for the log of a CI run. */
import { formatCount, plural, REPORT_COLUMNS, wrapText } from '../base/text.ts';
import { formatDuration } from '../base/time.ts';
import type { CheckAnswer, Verdict } from '../check/verdict.ts';

const KEY_COLUMNS = 10;

/** All verdicts, the broken ones first, and what was traced; ended by a newline. Names in it are cleaned. */
export function checkText(answer: CheckAnswer): string {
  const { rules, rows, at_ns, from_ns, complete } = answer;
  const order = ['broken', 'unknown', 'kept'] as const;
  const verdicts = order.flatMap((outcome) => rules.filter((verdict) => verdict.outcome === outcome));
  const whole = complete ? 'to its end' : 'not to its end';
  const traced = `${formatDuration(at_ns - from_ns)}, ${whole}; ${plural(rows.seen, 'row')} seen, ${formatCount(rows.lost)} lost`;
  return `${[...verdicts.flatMap(verdictLines), ...keyLines('traced', traced)].join('\n')}\n`;
}

function verdictLines({ rule, outcome, certainty, reasons }: Verdict): string[] {
  const isDoubtful = outcome !== 'unknown' && certainty !== 'definite';
  const doubt = isDoubtful ? ` (${certainty})` : '';
  return [
    ...keyLines(outcome, `${rule}${doubt}`),
    ...reasons.flatMap((reason) => keyLines('', `- ${reason}`, '  ')),
  ];
}

function keyLines(key: string, text: string, indent = ''): string[] {
  const rest = ' '.repeat(KEY_COLUMNS) + indent;
  return wrapText(text, { width: REPORT_COLUMNS, first: key.padEnd(KEY_COLUMNS), rest });
}
