/**
 * Which holders would stop a truncate now: what is waited for at this moment, then what a truncate would have to wait
 * for, then what it may have to wait for, then what it would not.
 *
 * A truncate breaks every lease of others (break_lease in do_truncate, fs/open.c, 6.1 to 7.3). It waits for pinned pages
 * only where they are DAX pages (fs/dax.c); page-cache pages are taken from the file under their pins. Which files are
 * DAX no row says: long-term pins of them are refused, tmpfs and its kin have none, and a wait for one proves it.
 */
import type { Holder } from '../answer.ts';
import type { Inode, Lease, Pin } from '../state.ts';

export type StopsTruncate = NonNullable<Holder['stops_truncate']>;

/** File systems that can map persistent memory (6.1 to 7.3). */
const MAY_BE_DAX: ReadonlySet<string> = new Set(['xfs', 'ext4', 'ext2', 'virtiofs', 'fuse']);

/** Whether a truncate of its file would have to wait for this holder, now. */
export function stopsTruncate(held: Lease | Pin): StopsTruncate {
  if (held.ended !== null) return 'no';
  if (held.kind === 'lease') return 'yes';
  if (held.orphan || held.freed !== null) return 'no';
  if (isWaitedFor(held)) return 'yes';
  const { inode, longterm } = held;
  if (longterm || (inode.fs !== null && !MAY_BE_DAX.has(inode.fs))) return 'no';
  return isKnownDax(inode) ? 'yes' : 'perhaps';
}

const ORDER: readonly StopsTruncate[] = ['yes', 'perhaps', 'no'];

/** Those that would stop a truncate first, and of them those that stop somebody now; else as they came. */
export function compareHeld(one: Lease | Pin, other: Lease | Pin): number {
  return (
    Number(isWaitedFor(other)) - Number(isWaitedFor(one)) ||
    ORDER.indexOf(stopsTruncate(one)) - ORDER.indexOf(stopsTruncate(other)) ||
    one.since - other.since
  );
}

function isWaitedFor(held: Lease | Pin): boolean {
  for (const { waits } of held.inode.operations) {
    const wait = waits.at(-1);
    if (wait === undefined || wait.ended !== null) continue;
    if (held.kind === 'lease' ? wait.leases.has(held) : wait.pins.has(held)) return true;
  }
  return false;
}

function isKnownDax({ operations, past }: Inode): boolean {
  const all = [...operations, ...[...past].filter((each) => each.kind === 'operation')];
  return all.some(({ waits }) => waits.some(({ on }) => on === 'dax-page'));
}
