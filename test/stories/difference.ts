/**
 * How a disagreement is worded, and how much two measurements of one thing may differ: 250 ms or a tenth, because a
 * workload measures around its system calls, in user space, and the kernel inside them.
 */
import { isDeepStrictEqual } from 'node:util';

const SLACK_MS = 250;
const SLACK_PART = 0.1;
/** A moment is told after the act, by a process that may be kept off its processor in between. */
const MOMENT_SLACK_MS = 500;

/** Complains when what whopins says is not the truth. */
export function differ(what: string, said: unknown, truth: unknown): string[] {
  if (isDeepStrictEqual(said, truth)) return [];
  return [`${what}: whopins says ${JSON.stringify(said)}, the truth is ${JSON.stringify(truth)}`];
}

/** Between what the true length lies, in ms: measured in user space, where a loaded machine may stall in between. */
export interface TrueLength {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Complains when a length of time, in ms, is not the true one. */
export function differInLength(what: string, saidMs: number, { leastMs, mostMs }: TrueLength): string[] {
  const nearest = Math.min(Math.max(saidMs, leastMs), mostMs);
  if (isSameLength(saidMs, nearest)) return [];
  return [`${what}: whopins says ${saidMs} ms, the workload ${Math.round(nearest)} ms`];
}

/** Complains when two moments are not the same: boot ns, and CLOCK_MONOTONIC ns of a guest never suspended. */
export function differInTime(what: string, saidNs: number | null, trueNs: number): string[] {
  if (saidNs === null) return [`${what}: whopins says never, the workload at ${trueNs} ns`];
  const ms = (saidNs - trueNs) / 1e6;
  return Math.abs(ms) <= MOMENT_SLACK_MS
    ? []
    : [`${what}: whopins says ${Math.round(ms)} ms later than the workload`];
}

/** Whether two lengths of time agree: within 250 ms, or a tenth of the true one. */
export function isSameLength(saidMs: number, trueMs: number): boolean {
  return Math.abs(saidMs - trueMs) <= Math.max(SLACK_MS, SLACK_PART * trueMs);
}
