/**
 * Rules of `whopins check`, as a user writes them: `no zombie-lease`, `max break 5s`, `max wait truncate 1s`,
 * `no pin left on /mnt/dax`. The words of findings and operations are those of the reports.
 */
import { err, ok, type Result } from '../base/result.ts';
import { cleanName, joinWords } from '../base/text.ts';
import { NS_PER_MS, NS_PER_S } from '../base/time.ts';
import type { Finding, FindingId, OperationName } from '../model/answer.ts';
import { FINDING_IDS } from '../model/model.ts';

/** What a `no` rule forbids to be found: one kind of finding, all of a severity, or any. */
export type Forbidden = FindingId | Finding['severity'] | 'finding';

type Demand =
  | { readonly kind: 'no-finding'; readonly what: Forbidden }
  /** At the end of the trace (at its last moment, where it goes on) nothing is held. */
  | { readonly kind: 'none-left'; readonly what: 'pin' | 'lease' }
  /** From the request of a break to the lease's end, or to its downgrade. */
  | { readonly kind: 'max-break'; readonly ns: number }
  /** All the time that one call waited. Null: any call. */
  | { readonly kind: 'max-wait'; readonly op: OperationName | null; readonly ns: number }
  | { readonly kind: 'max-hold'; readonly what: 'pin' | 'lease'; readonly ns: number };

export type Rule = Demand & {
  /** As the user wrote it, spaces put in order. */
  readonly text: string;
  /** A file or a directory above it; null: all files. */
  readonly where: string | null;
};

const SEVERITIES: readonly Finding['severity'][] = ['critical', 'warning', 'note'];
const OPERATIONS: readonly OperationName[] = ['open', 'truncate', 'hole-punch', 'close', 'unlink', 'other'];
const UNITS: ReadonlyMap<string, number> = new Map([
  ['us', 1_000],
  ['ms', NS_PER_MS],
  ['s', NS_PER_S],
  ['min', 60 * NS_PER_S],
  ['h', 3_600 * NS_PER_S],
]);

/** How rules are written, for the help of the command line. */
export const RULE_FORMS = [
  'no FINDING          no zombie-lease, no freed-under-pin, …: not one such finding',
  'no critical         no finding so severe; also: warning, note; no finding: none at all',
  'no pin left         at the end nothing is pinned; also: no lease left',
  'max break TIME      each lease that is broken is given up within TIME (5s, 100ms)',
  'max wait [OP] TIME  no call waits longer; OP: open, truncate, hole-punch, close, unlink',
  'max hold pin TIME   no pin lasts longer; also: max hold lease TIME',
  '… on PATH           the same for one file, or for the files below a directory',
] as const;

/** Reads one rule. The error is one line: what is wrong with it and what would be right. */
export function parseRule(text: string): Result<Rule> {
  const written = text.trim().replace(/\s+/g, ' ');
  const [, said = '', place] = /^(.*?)(?: on (.+))?$/.exec(written) ?? [];
  const demand = parseDemand(said.split(' '));
  if (!demand.ok) return err(`cannot read the rule '${cleanName(written)}': ${demand.error}`);
  return ok({ ...demand.value, text: written, where: place ?? null });
}

function parseDemand(words: readonly string[]): Result<Demand> {
  const [first, ...rest] = words;
  if (first === 'no') return parseNo(rest);
  if (first === 'max') return parseMax(rest);
  return err("it begins with 'no' or 'max': no zombie-lease, max break 5s");
}

function parseNo(words: readonly string[]): Result<Demand> {
  const [what = '', left, ...more] = words;
  if (left === 'left' && more.length === 0) {
    if (what === 'pin' || what === 'lease') return ok({ kind: 'none-left', what });
    return err("what can be left is a 'pin' or a 'lease'");
  }
  const forbidden = [...FINDING_IDS, ...SEVERITIES, 'finding' as const].find((each) => each === what);
  if (forbidden !== undefined && left === undefined) return ok({ kind: 'no-finding', what: forbidden });
  return err(
    `'no' forbids ${joinWords([...FINDING_IDS].sort())}, or critical, warning, note, finding, pin left, lease left`,
  );
}

function parseMax(words: readonly string[]): Result<Demand> {
  const [what, ...rest] = words;
  const ns = parseLength(rest.at(-1));
  const about = rest.slice(0, -1);
  if (what !== 'break' && what !== 'wait' && what !== 'hold') {
    return err(
      "'max' limits 'break', 'wait' or 'hold': max break 5s, max wait truncate 1s, max hold pin 10s",
    );
  }
  if (ns === null) return err('it ends with a time: 5s, 100ms, 1.5s, 2min');
  const [subject = null, ...more] = about;
  if (more.length > 0) return err(`'${cleanName(about.join(' '))}' is one word too many`);
  if (what === 'hold') {
    if (subject === 'pin' || subject === 'lease') return ok({ kind: 'max-hold', what: subject, ns });
    return err("what is held is a 'pin' or a 'lease': max hold pin 10s");
  }
  if (what === 'break') {
    return subject === null ? ok({ kind: 'max-break', ns }) : err('a break has no other name: max break 5s');
  }
  const op = OPERATIONS.find((each) => each === subject) ?? null;
  if (op === null && subject !== null) return err(`calls that wait are ${joinWords(OPERATIONS)}`);
  return ok({ kind: 'max-wait', op, ns });
}

/** A length of time in ns; null where the text is none. */
export function parseLength(text: string | undefined): number | null {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(us|ms|s|min|h)$/.exec(text ?? '') ?? [];
  const perUnit = UNITS.get(unit);
  return digits === undefined || perUnit === undefined ? null : Math.round(Number(digits) * perUnit);
}
