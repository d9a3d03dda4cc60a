/**
 * Who waits on which file: sleeping threads joined to their file, for leases by the waiters that /proc/locks lists, else
 * by the arguments of the call.
 */
import type { RawRow } from '../../event/encode.ts';
import { fileOfCall } from './call-file.ts';
import { type InodeId, inodeKey } from './inode-id.ts';
import type { ProcLease } from './locks.ts';
import type { MountTable } from './mounts.ts';
import type { Sleeper } from './sleepers.ts';
import { commonColumns, gapRow, type RowContext } from './walk-row.ts';

/** A waiter with the file that it waits on. */
export interface LocatedWaiter {
  readonly sleeper: Sleeper;
  /** Null where nothing tells the file. */
  readonly file: InodeId | null;
  /** The file's path and file system where the call told it by a path or descriptor; '' else. */
  readonly path: string;
  readonly fs: string;
  /** Where it is known from that the waiter waits on this file, in words. */
  readonly source: string;
}

/** The source of what /proc/locks told. */
export const FROM_LOCKS = '/proc/locks';
const FROM_CALL = "the call's arguments in /proc";

/** Finds each sleeper's file, and adds the breakers of /proc/locks whose sleeping thread was not seen. */
export function locateWaiters(
  sleepers: readonly Sleeper[],
  leases: readonly ProcLease[],
  mounts: MountTable,
): readonly LocatedWaiter[] {
  const located = sleepers.map((sleeper) => locateWaiter(sleeper, leases, mounts));
  const isSeen = (pid: number) => sleepers.some((sleeper) => sleeper.pid === pid && isBreaker(sleeper));
  const unseen = leases.flatMap((lease) =>
    lease.breakers.filter(({ pid }) => !isSeen(pid)).map(({ pid }) => unseenBreaker(pid, lease)),
  );
  return [...located, ...unseen];
}

/** `walk.waiting` and `walk.named` rows; a gap for each waiter whose file is not known. */
export function waiterRows(context: RowContext, waiters: readonly LocatedWaiter[]): readonly RawRow[] {
  return waiters.flatMap((waiter): readonly RawRow[] => {
    const { sleeper, file, path, fs, source } = waiter;
    const { pid, tid, op, where } = sleeper;
    const common = commonColumns(context, pid, tid, sleeper.comm || context.nameOf(pid));
    if (file === null) {
      const call = op === 'other' ? 'a call' : op;
      return [
        gapRow(context, 'waits', `process ${pid} waits in ${where} (${call}): on which file is not told`),
      ];
    }
    const { dev, ino } = file;
    const waiting = waitingRow(context, sleeper, { ...file, page: 0, index: 0, isIdle: false, source });
    return path === ''
      ? [waiting]
      : [{ kind: 'walk.named', ...common, dev, ino, path, fs } as const, waiting];
  });
}

/** What is known of a wait besides the sleeper: the file, as the kernel or /proc tells it, and the page. */
export interface WaitedFor {
  readonly dev: number | string;
  readonly ino: number | string;
  /** 0 where it is not known. */
  readonly page: number | string;
  /** The page's place in the file, pages. */
  readonly index: number | string;
  /** Nobody but the file has the page. */
  readonly isIdle: boolean;
  readonly source: string;
}

/** The row of one sleeping thread. */
export function waitingRow(
  context: RowContext,
  { pid, tid, comm, op, on, sinceNs, where, detail }: Sleeper,
  { dev, ino, page, index, isIdle, source }: WaitedFor,
): RawRow<'walk.waiting'> {
  return {
    kind: 'walk.waiting',
    ...commonColumns(context, pid, tid, comm || context.nameOf(pid)),
    dev,
    ino,
    op,
    on,
    page,
    index,
    idle: isIdle ? 1 : 0,
    since: sinceNs,
    where,
    detail,
    source,
  };
}

function locateWaiter(sleeper: Sleeper, leases: readonly ProcLease[], mounts: MountTable): LocatedWaiter {
  const found = fileOfCall(sleeper, mounts);
  if (!isBreaker(sleeper)) return byCall(sleeper, found);
  // The kernel records the breaker's process, not its thread: with several in one process the call decides.
  const broken = leases.filter((lease) => lease.breakers.some(({ pid }) => pid === sleeper.pid));
  const keys = new Set(broken.map(inodeKey));
  const [only] = broken;
  if (found !== null && (keys.size !== 1 || keys.has(inodeKey(found)))) return byCall(sleeper, found);
  if (keys.size !== 1 || only === undefined) return byCall(sleeper, null);
  return { sleeper, file: only, path: '', fs: '', source: FROM_LOCKS };
}

function byCall(sleeper: Sleeper, found: ReturnType<typeof fileOfCall>): LocatedWaiter {
  return { sleeper, file: found, path: found?.path ?? '', fs: found?.fs ?? '', source: FROM_CALL };
}

function isBreaker({ on }: Sleeper): boolean {
  return on === 'lease-break' || on === 'layout-recall';
}

function unseenBreaker(pid: number, lease: ProcLease): LocatedWaiter {
  const sleeper: Sleeper = {
    pid,
    tid: pid,
    comm: '',
    op: 'other',
    on: lease.kind === 'layout' ? 'layout-recall' : 'lease-break',
    where: '',
    detail: '',
    file: null,
    sinceNs: 0,
    stack: [],
  };
  return { sleeper, file: lease, path: '', fs: '', source: FROM_LOCKS };
}
