/** `whopins doctor`: what this host lets be traced, what not, why, and what would help. */
import { cleanName, REPORT_COLUMNS, wrapText } from '../base/text.ts';
import type { Check } from '../capture/doctor/checks.ts';
import { type Diagnosis, examineHost, type PathDiagnosis } from '../capture/doctor/examine.ts';
import { NO_FUNCTIONS } from '../capture/doctor/refusals.ts';
import { EXIT } from './exit-codes.ts';
import { exitWhenUnread, print, printJson, sayProgress } from './output.ts';
import { watchStopSignals } from './signals.ts';
import type { Tracer } from './tracing.ts';

/** Examines the host and prints what was found; the exit code says whether anything can be traced here. */
export async function doctor({ json }: { readonly json: boolean }, tracer: Tracer): Promise<number> {
  exitWhenUnread();
  const signals = watchStopSignals();
  const diagnosis = await examineHost({
    offers: await tracer.inspect(),
    compose: tracer.compose,
    signal: signals.stop,
    onProgress: sayProgress,
  });
  const stopped = signals.exitCode();
  signals.release();
  if (stopped !== null) return stopped;
  if (json) await printJson(diagnosis);
  else await print(diagnosisText(diagnosis));
  return diagnosis.can_trace ? EXIT.fine : EXIT.cannotTrace;
}

const KEY = 18;
const DETAIL = KEY + 4;

/** The diagnosis as text of at most 80 columns. */
export function diagnosisText({ checks, paths, can_trace, why }: Diagnosis): string {
  const verdict = can_trace ? verdictOf(paths) : `nothing can be traced here: ${why ?? 'no reason is known'}`;
  const lines = [
    ...checks.flatMap(checkLines),
    '',
    ...paths.flatMap(pathLines),
    '',
    ...wrapText(cleanName(verdict), { width: REPORT_COLUMNS }),
  ];
  return `${lines.join('\n')}\n`;
}

function checkLines({ name, ok, found, remedy }: Check): string[] {
  const mark = ok === null ? '?' : ok ? 'yes' : 'no';
  return [...entry(name, mark, found), ...detail('so', remedy)];
}

function pathLines({ path, purpose, sees, hooks, refused, lacks, remedy }: PathDiagnosis): string[] {
  const head = [...entry(path, sees, purpose), ...detail('by', hooks.length > 0 ? hooks.join(', ') : null)];
  if (sees === 'all' || sees === 'absent') return head;
  return [
    ...head,
    ...lacks.flatMap((lack) => detail('lacks', lack)),
    ...byReason(refused.filter(({ why }) => why !== NO_FUNCTIONS)).flatMap((line) => detail('refused', line)),
    ...detail('so', remedy),
  ];
}

/** Hooks that were refused for one reason are told together. */
function byReason(refused: PathDiagnosis['refused']): string[] {
  const reasons = [...new Set(refused.map(({ why }) => why))];
  return reasons.map((reason) => {
    const hooks = refused.filter(({ why }) => why === reason).map(({ hook }) => hook);
    return `${hooks.join(', ')}: ${reason}`;
  });
}

function verdictOf(paths: readonly PathDiagnosis[]): string {
  const lacking = paths.filter(({ sees }) => sees === 'part' || sees === 'nothing').map(({ path }) => path);
  return lacking.length === 0
    ? 'everything can be traced here'
    : `tracing works here; not all is seen of ${lacking.join(', ')}`;
}

function entry(key: string, state: string, text: string): string[] {
  return lines(`${key.padEnd(KEY)}${state.padEnd(9)}`, text);
}

function detail(key: string, text: string | null): string[] {
  return text === null ? [] : lines(`${' '.repeat(DETAIL)}${key} `, text);
}

function lines(first: string, text: string): string[] {
  return wrapText(cleanName(text), { width: REPORT_COLUMNS, first, rest: ' '.repeat(DETAIL + 2) });
}
