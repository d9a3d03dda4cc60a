/**
 * Leases, delegations and layouts: taken, changed, broken, ended.
 *
 * A lease belongs to an open file (struct file) and carries the process and descriptor number that took it; the
 * signal of a break goes there, whoever has the file by then. FL_ flags: include/linux/filelock.h, the same numbers
 * from 6.1 to 7.3.
 */
import type { Ptr, RowEvent } from '../event/event.ts';
import { tellHolders } from './anchors.ts';
import type { LeaseState } from './answer.ts';
import { noteLease } from './contradictions.ts';
import { addDescriptor } from './descriptors.ts';
import { endLease } from './endings.ts';
import { mayHaveOthers } from './holding.ts';
import { addItem, holdOf } from './holds.ts';
import { inodeOf, touchInode } from './inodes.ts';
import { LIMITS } from './limits.ts';
import { clientName } from './nfs-client.ts';
import { openFileOf, originBy } from './open-files.ts';
import { addRefusal } from './refusals.ts';
import { withItem } from './sparse.ts';
import type { Inode, Lease, Model, OpenFile, Task } from './state.ts';
import { actorOf, lastActorOf, taskByPid } from './tasks.ts';
import { seesDescriptors } from './traced.ts';

const FL_DELEG = 0x4;
const FL_DOWNGRADE_PENDING = 0x100;
const FL_UNLOCK_PENDING = 0x200;
const FL_LAYOUT = 0x800;
/** F_RDLCK and F_UNLCK as leases carry them (include/uapi/asm-generic/fcntl.h). */
const F_RDLCK = 0;
const F_UNLCK = 2;

const NO_PTR = 0 as Ptr;

const ENDINGS = ['unknown', 'unlock', 'close', 'timeout', 'manager'] as const;

type LeaseRow = RowEvent<'lease.added' | 'lease.changed' | 'lease.released' | 'walk.leased'>;

/** Whether somebody breaks a lease with these flags: it is to go, or to become a read lease. */
export function isBreaking(flags: number): boolean {
  return (flags & (FL_UNLOCK_PENDING | FL_DOWNGRADE_PENDING)) !== 0;
}

/** What kind of lease these flags mean. */
export function leaseClass(flags: number): LeaseState['class'] {
  if ((flags & FL_LAYOUT) !== 0) return 'layout';
  return (flags & FL_DELEG) !== 0 ? 'delegation' : 'lease';
}

/** Granted; or, for a lease that this open file has already, set anew with another type. */
export function applyLeaseAdded(model: Model, row: RowEvent<'lease.added'>): void {
  const taker = actorOf(model, row);
  const inode = inodeOf(model, row);
  const isNew = !model.files.has(row.file);
  const file = openFileOf(model, row, originBy(taker));
  if (row.fd >= 0) {
    const how = isNew ? 'open' : 'unknown';
    addDescriptor(model, taker, file, row.fd, { how, from: null, implied: !isNew }, row.ts);
  }
  const existing = findLease(inode, row.file, row.owner);
  if (existing !== null) {
    changeType(existing, row, row.type);
    return;
  }
  const lease = addLease(inode, file, taker, row, 'observed', true);
  for (const pin of inode.pins) {
    if (pin.taker === taker) pin.lease ??= lease;
  }
}

export function applyLeaseRefused(model: Model, row: RowEvent<'lease.refused'>): void {
  addRefusal(model, inodeOf(model, row), actorOf(model, row), row, {
    what: 'lease',
    longterm: false,
    write: row.type !== F_RDLCK,
    via: null,
  });
}

/** Up- or downgraded. A downgrade answers a break that asked for no more. */
export function applyLeaseChanged(model: Model, row: RowEvent<'lease.changed'>): void {
  const lease = knownLease(model, row);
  if (row.to === F_UNLCK) {
    endLease(model, lease, row.ts, 'unknown');
    return;
  }
  changeType(lease, row, row.to);
  if (row.to !== F_RDLCK || (row.flags & FL_UNLOCK_PENDING) !== 0) return;
  if (lease.breaking !== null && lease.answered.length < LIMITS.notesPerLease) {
    lease.answered.push({ since: lease.breaking, until: row.ts });
  }
  lease.breaking = null;
  lease.deadline = null;
}

export function applyLeaseReleased(model: Model, row: RowEvent<'lease.released'>): void {
  const inode = inodeOf(model, row);
  const closed = inode.lastClosed;
  const isAlreadyEnded =
    closed !== null && closed.file.ptr === row.file && closed.owner === row.owner && closed.ended !== null;
  if (isAlreadyEnded && findLease(inode, row.file, row.owner) === null) {
    inode.lastClosed = null;
    return;
  }
  endLease(model, knownLease(model, row), row.ts, ENDINGS[row.cause] ?? 'unknown');
}

/** nfsd took it for that client. */
export function applyLeaseClient(model: Model, row: RowEvent<'lease.client'>): void {
  const lease = findLease(inodeOf(model, row), row.file, row.owner);
  if (lease !== null) lease.client = clientName(row);
}

/** The break signal was sent to the process that the lease recorded. */
export function applyLeaseSignalled(model: Model, row: RowEvent<'lease.signalled'>): void {
  const inode = inodeOf(model, row);
  const to = taskByPid(model, row.to);
  for (const lease of inode.leases) {
    if (lease.file.ptr !== row.file || lease.signals.length >= LIMITS.notesPerLease) continue;
    const stray = isStray(model, lease.file, to);
    to.isTold = true;
    lease.signals.push({ at: row.ts, to, fd: row.fd, signal: row.signal, stray });
    touchInode(inode, row.ts);
    return;
  }
}

/** The lease of this open file and owner that lives now. */
export function findLease(inode: Inode, file: Ptr, owner: Ptr): Lease | null {
  for (const lease of inode.leases) {
    if (lease.file.ptr === file && lease.owner === owner) return lease;
  }
  return null;
}

/** Whether a process that is told of a break has no descriptor of the file; null where that cannot be known. */
function isStray(model: Model, file: OpenFile, to: Task): boolean | null {
  if (!seesDescriptors(model.header)) return null;
  if (to.exited === null && holdOf(file, to.table) !== undefined) return false;
  const hadIt = file.past.some((hold) => hold.table === to.table);
  return hadIt || !mayHaveOthers(file, null) ? true : null;
}

/** The lease that a row names; one that was not known is older than the trace. */
function knownLease(model: Model, row: RowEvent<'lease.changed' | 'lease.released'>): Lease {
  const inode = inodeOf(model, row);
  const known = findLease(inode, row.file, row.owner);
  noteLease(model, inode, row, known);
  if (known !== null) return known;
  const taker = row.recorded > 0 ? taskByPid(model, row.recorded) : lastActorOf(model, row);
  return addLease(inode, openFileOf(model, row, 'before'), taker, row, 'observed', false);
}

/** Makes the record of a lease and ties it to its inode, open file and taker. */
export function addLease(
  inode: Inode,
  file: OpenFile,
  taker: Task | null,
  row: LeaseRow,
  origin: Lease['origin'],
  seenTaken: boolean,
): Lease {
  const lease: Lease = {
    kind: 'lease',
    inode,
    file,
    owner: row.owner,
    class: leaseClass(row.flags),
    type: leaseType(row.type),
    taker,
    fd: 'fd' in row ? row.fd : 0,
    client: null,
    record: 'lease' in row ? row.lease : NO_PTR,
    origin,
    shown: 0,
    source: '',
    since: row.ts,
    ended: null,
    endedBy: null,
    presumed: false,
    seenTaken,
    breaking: null,
    answered: [],
    deadline: null,
    changes: [],
    signals: [],
  };
  inode.leases = withItem(inode.leases, lease);
  file.leases = addItem(file.leases, lease);
  if (taker !== null) {
    taker.took = withItem(taker.took, lease);
    taker.isTold = true;
  }
  tellHolders(file);
  touchInode(inode, row.ts);
  return lease;
}

/** The lease has another type from now on. */
export function changeType(lease: Lease, row: LeaseRow, type: number): void {
  const to = leaseType(type);
  touchInode(lease.inode, row.ts);
  if (lease.type === to) return;
  lease.changes.push({ at: row.ts, from: lease.type, to });
  if (lease.changes.length > LIMITS.notesPerLease) lease.changes.shift();
  lease.type = to;
}

function leaseType(type: number): LeaseState['type'] {
  if (type === F_RDLCK) return 'read';
  return type === F_UNLCK ? 'none' : 'write';
}
