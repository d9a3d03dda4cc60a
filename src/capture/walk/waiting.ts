/**
 * Who waits: threads that /proc shows asleep in a call on a file, and, from their stacks, the very page that each of
 * them waits for.
 */
import type { RawRow } from '../../event/encode.ts';
import type { ProcLease } from '../procfs/locks.ts';
import type { MountTable } from '../procfs/mounts.ts';
import type { Sleeper } from '../procfs/sleepers.ts';
import { FROM_LOCKS, locateWaiters, waiterRows, waitingRow } from '../procfs/waiter-rows.ts';
import type { RowContext } from '../procfs/walk-row.ts';
import { type Printed, withTag } from './printed.ts';
import type { Programs } from './programs.ts';

/** Rows of the sleepers; what was read from a stack replaces what /proc could only infer. */
export async function lookForWaiters(
  context: RowContext,
  programs: Programs,
  {
    sleepers,
    leases,
    mounts,
  }: {
    readonly sleepers: readonly Sleeper[];
    readonly leases: readonly ProcLease[];
    readonly mounts: MountTable;
  },
): Promise<readonly RawRow[]> {
  const waiters = sleepers.filter(({ on }) => on === 'dax-page').map(({ tid }) => tid);
  const printed = waiters.length === 0 ? [] : await programs.run('waiters', 'waits', { waiters });
  const pages = new Map(withTag(printed, 'waiter').map((found) => [Number(found.tid), found]));
  const isFound = ({ tid }: Sleeper) => pages.has(tid);
  const rest = locateWaiters(sleepers, leases, mounts).filter(({ sleeper }) => !isFound(sleeper));
  return [
    ...sleepers.filter(isFound).flatMap((sleeper): RawRow[] => {
      const page = pages.get(sleeper.tid);
      if (page === undefined) return [];
      return [waitingRow(context, sleeper, { ...page, isIdle: isIdle(page), source: '' })];
    }),
    // The kernel's own list of leases and who breaks them: no inference, though it is read from /proc.
    ...waiterRows(context, rest).map((row) =>
      row.kind === 'walk.waiting' && row.source === FROM_LOCKS ? { ...row, source: '' } : row,
    ),
  ];
}

/** Nobody but the file has it: one reference up to 6.14, none from 6.15 on (fs/dax.c, dax_page_is_idle). */
function isIdle({ references, bare }: Printed<'waiter'>): boolean {
  return Number(references) === (bare === '1' ? 0 : 1);
}
