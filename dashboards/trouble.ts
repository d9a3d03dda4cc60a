/** What comes first in a list: who waits, then what is worst. */
import type { FileSummary, Finding } from '../src/model/answer.ts';

const WEIGHT: Readonly<Record<Finding['severity'], number>> = { critical: 3, warning: 2, note: 1 };

function weigh(severity: Finding['severity'] | null): number {
  return severity === null ? 0 : WEIGHT[severity];
}

/**
 * Who waits comes first, the longest wait before the others; then by findings, breaking leases, pinned bytes. Not by what
 * changed last: a list whose rows jump about cannot be read.
 */
export function byTrouble(one: FileSummary, other: FileSummary): number {
  if (one === other) return 0;
  return (
    waitStart(one) - waitStart(other) ||
    weigh(other.worst) - weigh(one.worst) ||
    other.breaking - one.breaking ||
    other.pinnedBytes - one.pinnedBytes ||
    other.leases - one.leases ||
    compareTexts(one.key, other.key)
  );
}

/** The same in one number, as far as it goes; ties are left to `byTrouble`. Exact to 128 ns of a wait. */
export function troubleRank({ waiting, worst, breaking, pinnedBytes }: FileSummary): number {
  const [longest] = waiting;
  if (longest !== undefined) return longest.since_ns - BEFORE_ALL;
  const held = Math.min(breaking, 1023) * 2 ** 40 + Math.min(pinnedBytes, 2 ** 40 - 1);
  return -(weigh(worst) * 2 ** 50 + held);
}

/** The order of two files of the same rank. Where the rank says it all, only leases and keys are left. */
export function byTies(one: FileSummary, other: FileSummary): number {
  if (one.waiting.length > 0 || one.pinnedBytes >= 2 ** 40 - 1 || one.breaking >= 1023) {
    return byTrouble(one, other);
  }
  return other.leases - one.leases || compareTexts(one.key, other.key);
}

/** Who waits comes before whoever does not, for any time since boot. */
const BEFORE_ALL = 1e18;

/** By code units: an order that is the same everywhere. */
export function compareTexts(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** When the longest wait began; later than anything where nobody waits. */
function waitStart({ waiting }: FileSummary): number {
  return waiting[0]?.since_ns ?? Number.MAX_VALUE;
}

/** Worst first, what still holds before what is over, latest first. */
export function byWeight(one: Finding, other: Finding): number {
  return (
    weigh(other.severity) - weigh(one.severity) ||
    Number(one.end_ns !== null) - Number(other.end_ns !== null) ||
    other.start_ns - one.start_ns
  );
}
