/** The processes that have to do with held files now: those that wait first, then those that others wait for. */
import type { Reading } from './scene.ts';

export interface ProcessRow {
  /** Its name is asked for where it is shown: there are thousands. */
  readonly pid: number;
  /** Files on which it has leases or pins. */
  readonly files: number;
  /** Pinned in these files, by it or others. */
  readonly pinnedBytes: number;
  /** When the longest of its own waits began; null where it waits for nothing. */
  readonly waitsSince: number | null;
  /** Calls of others that wait for it. */
  readonly blocks: number;
}

type Counting = { -readonly [Name in keyof ProcessRow]: ProcessRow[Name] };

/** All of them, those in trouble first. */
export function processRows(reading: Reading): readonly ProcessRow[] {
  const rows = new Map<number, Counting>();
  function add(pid: number, files: number, pinnedBytes: number): Counting {
    const row: Counting = { pid, files, pinnedBytes, waitsSince: null, blocks: 0 };
    rows.set(pid, row);
    return row;
  }
  const rowOf = (pid: number): Counting => rows.get(pid) ?? add(pid, 0, 0);
  for (const [pid, { files, pinnedBytes }] of reading.processes()) {
    if (files > 0) add(pid, files, pinnedBytes);
  }
  for (const { waiter, since_ns, blockers } of reading.waits()) {
    const row = rowOf(waiter.pid);
    row.waitsSince = Math.min(row.waitsSince ?? since_ns, since_ns);
    for (const { task } of blockers) if (task.pid !== waiter.pid) rowOf(task.pid).blocks += 1;
  }
  return [...rows.values()].sort(byTrouble);
}

function byTrouble(one: ProcessRow, other: ProcessRow): number {
  return (
    (one.waitsSince ?? Number.MAX_VALUE) - (other.waitsSince ?? Number.MAX_VALUE) ||
    other.blocks - one.blocks ||
    other.pinnedBytes - one.pinnedBytes ||
    other.files - one.files ||
    one.pid - other.pid
  );
}
