/**
 * The truth of a story: the rows that its workload printed, looked up by what was done. A row that is missing means
 * that conclusion and workload do not fit each other: told as TruthMissing, which `conclude` turns into a complaint.
 */
import type { TruthRow } from '../lab/story.ts';

export class TruthMissing extends Error {}

/** The file that the story is about, as stat(2) named it. */
export interface Subject {
  readonly path: string;
  /** major:minor, decimal */
  readonly dev: string;
  readonly ino: number;
}

/** The only row with this `did`, and with these facts. Throws TruthMissing when there is none, or more than one. */
export function only(
  truth: readonly TruthRow[],
  did: string,
  where: Readonly<Record<string, unknown>> = {},
): TruthRow {
  const found = every(truth, did, where);
  const [row] = found;
  if (row !== undefined && found.length === 1) return row;
  throw new TruthMissing(
    `the workload was to say '${did}' ${JSON.stringify(where)} once, it did ${found.length} times`,
  );
}

/** All rows with this `did`, and with these facts, in order. */
export function every(
  truth: readonly TruthRow[],
  did: string,
  where: Readonly<Record<string, unknown>> = {},
): readonly TruthRow[] {
  return truth.filter(
    (row) => row.did === did && Object.entries(where).every(([name, value]) => row[name] === value),
  );
}

export function numberIn(row: TruthRow, name: string): number {
  const value = row[name];
  if (typeof value === 'number') return value;
  throw new TruthMissing(`the workload's row '${row.did}' has no number '${name}'`);
}

export function textIn(row: TruthRow, name: string): string {
  const value = row[name];
  if (typeof value === 'string') return value;
  throw new TruthMissing(`the workload's row '${row.did}' has no text '${name}'`);
}

export function numbersIn(row: TruthRow, name: string): readonly number[] {
  const value = row[name];
  if (Array.isArray(value) && value.every((item) => typeof item === 'number')) return value;
  throw new TruthMissing(`the workload's row '${row.did}' has no list of numbers '${name}'`);
}

/** The file that a row names. */
export function subjectOf(row: TruthRow): Subject {
  return { path: textIn(row, 'file'), dev: textIn(row, 'dev'), ino: numberIn(row, 'ino') };
}

/** "rdma[405]", as whopins writes a process. */
export function taskOf(row: TruthRow): string {
  return `${textIn(row, 'comm')}[${row.pid}]`;
}

/** Whether a kernel ("6.12", or a whole `uname -r`) is of this series or a later one. */
export function isAtLeast(kernel: string, major: number, minor: number): boolean {
  const [, foundMajor, foundMinor] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  const [hasMajor, hasMinor] = [Number(foundMajor), Number(foundMinor)];
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}
