/** Leases of /proc/locks as rows, with what the waiters and the descriptors that carry them add. */
import type { RawRow } from '../../event/encode.ts';
import { inodeKey } from './inode-id.ts';
import type { LeaseKind, ProcLease } from './locks.ts';
import type { Opener } from './openers.ts';
import { readText } from './proc-file.ts';
import { leasedFilePointer } from './user-rows.ts';
import type { LocatedWaiter } from './waiter-rows.ts';
import { commonColumns, type RowContext } from './walk-row.ts';

/** FL_ flags of include/linux/filelock.h, the same numbers from 6.1 to 7.3. */
const KIND_FLAGS: Readonly<Record<LeaseKind, number>> = { lease: 0x20, delegation: 0x4, layout: 0x800 };
const FL_DOWNGRADE_PENDING = 0x100;
const FL_UNLOCK_PENDING = 0x200;
const F_RDLCK = 0;
const F_WRLCK = 1;
const O_ACCMODE = 0o3;

/** `walk.leased` rows; `openers` and `waiters` may be those of other files too. */
export function leaseRows(
  context: RowContext,
  leases: readonly ProcLease[],
  openers: readonly Opener[],
  waiters: readonly LocatedWaiter[],
): readonly RawRow[] {
  const breakTimeMs = Number(readText(`${context.procRoot}/sys/fs/lease-break-time`) ?? Number.NaN) * 1000;
  return leases.map((lease, index): RawRow => {
    const { dev, ino, pid } = lease;
    const file = leasedFilePointer(context, lease);
    const { type, source } = typeOf(lease, openers);
    return {
      kind: 'walk.leased',
      ...commonColumns(context, pid),
      lease: context.pointerOf(`lease ${index}`),
      file,
      // A lease that fcntl(2) set belongs to its open file (fs/locks.c lease_init).
      owner: file,
      dev,
      ino,
      flags: flagsOf(lease),
      type,
      recorded: pid,
      left: timeLeft(context, lease, waiters, breakTimeMs),
      source,
    };
  });
}

function flagsOf({ kind, isBreaking, type }: ProcLease): number {
  if (!isBreaking) return KIND_FLAGS[kind];
  return KIND_FLAGS[kind] | (type === 'none' ? FL_UNLOCK_PENDING : FL_DOWNGRADE_PENDING);
}

/** What the lease is now: a breaking one shows only what it is to become. */
function typeOf(lease: ProcLease, openers: readonly Opener[]): { type: number; source: string } {
  const source = '/proc/locks';
  if (lease.type === 'write') return { type: F_WRLCK, source };
  // Only a write lease can be downgraded to a read lease.
  if (lease.type === 'read') return { type: lease.isBreaking ? F_WRLCK : F_RDLCK, source };
  const carriers = openers.filter((opener) => opener.leases.some((other) => isSameLease(other, lease)));
  // fcntl(2): a read lease may only be placed on a descriptor that is opened read-only.
  if (carriers.some(({ flags }) => (flags & O_ACCMODE) !== 0)) return { type: F_WRLCK, source };
  return {
    type: F_RDLCK,
    source: `${source}, which does not tell the type of a breaking lease: read is assumed`,
  };
}

function isSameLease(a: ProcLease, b: ProcLease): boolean {
  return a.pid === b.pid && a.kind === b.kind && inodeKey(a) === inodeKey(b);
}

/** The break began when the first of those who wait for it fell asleep. */
function timeLeft(
  context: RowContext,
  lease: ProcLease,
  waiters: readonly LocatedWaiter[],
  breakTimeMs: number,
): number {
  const since = waiters
    .filter(({ sleeper, file }) => sleeper.sinceNs > 0 && file !== null && inodeKey(file) === inodeKey(lease))
    .filter(({ sleeper }) => lease.breakers.some(({ pid }) => pid === sleeper.pid))
    .map(({ sleeper }) => sleeper.sinceNs);
  if (!lease.isBreaking || since.length === 0 || !(breakTimeMs > 0)) return -1;
  const waitedMs = (context.began - Math.min(...since)) / 1e6;
  return Math.max(0, Math.round(breakTimeMs - waitedMs));
}
