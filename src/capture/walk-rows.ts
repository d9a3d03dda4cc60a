/** A walk's rows on their way into a stream: in the form of bpftrace's, and whole also where the walk failed. */
import type { RawRow } from '../event/encode.ts';
import { encodeRow } from '../event/encode.ts';
import { parseRow } from '../event/row.ts';
import { readHostFacts } from './host-facts.ts';
import type { SourceRow } from './ndjson-source.ts';

/** Looks once, and returns rows from `walk.began` to `walk.ended`. */
export type Walk = (signal: AbortSignal) => Promise<readonly RawRow[]>;

/**
 * Runs a walk. Never rejects: one that fails is a walk that saw nothing, and says so. One that was stopped gives no
 * rows: half a walk would look like a whole one.
 */
export async function runWalk(walk: Walk, signal: AbortSignal): Promise<readonly RawRow[]> {
  const { clock } = await readHostFacts();
  if (signal.aborted) return [];
  try {
    const rows = await walk(signal);
    return signal.aborted ? [] : withCount(rows);
  } catch (error) {
    if (signal.aborted) return [];
    const reason = `the walk failed: ${error instanceof Error ? error.message : String(error)}`;
    const common = { ts: clock.boottime_ns, cpu: 0, pid: 0, tid: 0, comm: '' };
    return withGap(
      [
        { kind: 'walk.began', ...common },
        { kind: 'walk.ended', ...common, gaps: 0, acquired: -1, released: -1 },
      ],
      reason,
    );
  }
}

/** The walk's last row says how many there are: no counter of the kernel does. */
function withCount(rows: readonly RawRow[]): readonly RawRow[] {
  return rows.map((row) => (row.kind === 'walk.ended' ? { ...row, rows: rows.length } : row));
}

/** The rows of a walk with one more thing said that it could not see. */
export function withGap(rows: readonly RawRow[], reason: string): readonly RawRow[] {
  return rows.flatMap((row): readonly RawRow[] => {
    if (row.kind !== 'walk.ended') return [row];
    const { ts, cpu, pid, tid, comm } = row;
    const gap = { kind: 'walk.gap', ts, cpu, pid, tid, comm, path: 'walk', reason } as const;
    return [gap, { ...row, gaps: Number(row.gaps) + 1, rows: rows.length + 1 }];
  });
}

/** A row as if bpftrace had printed it: recorded, renumbered and decoded like all others. */
export function rowToSource(row: RawRow): SourceRow {
  const text = encodeRow(row);
  return { text, parsed: parseRow(text) };
}
