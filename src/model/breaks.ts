/**
 * Lease breaks: somebody wants in, waits or is refused, and gets on.
 *
 * All rows of a break come from the breaker's thread. Without fentry only `break.blocked` and `break.ended` exist. A
 * break that has to wait is part of the call that the thread makes; where no row told that call, it is an open.
 */
import type { RowEvent } from '../event/event.ts';
import type { LeaseState, OperationName } from './answer.ts';
import { inodeOf, touchInode } from './inodes.ts';
import { leaseClass } from './leases.ts';
import { LIMITS } from './limits.ts';
import { beginOperation, tieToInode } from './operations.ts';
import type { ActiveBreak, Lease, Model, OperationRecord } from './state.ts';
import { beginWait, endWaits } from './waits.ts';

/** LEASE_BREAK_* bits of __break_lease's flags from 7.2 on (include/linux/filelock.h). */
const BREAK_DELEG = 0x2;
const BREAK_LAYOUT = 0x4;
const BREAK_OPEN_RDONLY = 0x10;
/** O_ACCMODE and O_RDONLY of the mode before that. */
const O_ACCMODE = 3;
const O_RDONLY = 0;

/** Signals and restarts: the call was interrupted, not refused (-EINTR, -ERESTARTSYS, -ERESTARTNOHAND). */
const INTERRUPTIONS: ReadonlySet<number> = new Set([-4, -512, -514]);

export function applyBreakRequested(model: Model, row: RowEvent<'break.requested'>): void {
  const isNewForm = row.type < 0;
  const isRead = isNewForm ? (row.mode & BREAK_OPEN_RDONLY) !== 0 : (row.mode & O_ACCMODE) === O_RDONLY;
  noteBreak(model, row.tid, {
    inode: inodeOf(model, row),
    class: isNewForm ? classOfBits(row.mode) : leaseClass(row.type),
    write: !isRead,
    since: row.ts,
    blocked: false,
  });
}

export function applyBreakBlocked(model: Model, row: RowEvent<'break.blocked'>): void {
  const inode = inodeOf(model, row);
  const requested = model.breaks.get(row.tid);
  const current: ActiveBreak =
    requested?.inode === inode
      ? requested
      : { inode, class: leaseClass(row.flags), write: true, since: row.ts, blocked: false };
  current.blocked = true;
  noteBreak(model, row.tid, current);
  const leases = conflictingLeases(current);
  for (const lease of leases) lease.breaking ??= row.ts;
  const operation = operationOf(model, row, current);
  const on = current.class === 'layout' ? 'layout-recall' : 'lease-break';
  beginWait(model, operation, { on, leases, matched: leases.length > 0 }, row.ts);
}

export function applyBreakEnded(model: Model, row: RowEvent<'break.ended'>): void {
  const inode = inodeOf(model, row);
  const requested = model.breaks.get(row.tid);
  model.breaks.delete(row.tid);
  const current: ActiveBreak =
    requested?.inode === inode
      ? requested
      : { inode, class: 'lease', write: true, since: row.ts, blocked: false };
  const isRefused = row.result < 0 && !INTERRUPTIONS.has(row.result);
  if (isRefused) refuse(model, row, current);
  const operation = model.operations.get(row.tid);
  const isPartOfIt = current.blocked || isRefused;
  if (operation === undefined || operation.inode !== inode || !isPartOfIt) return;
  endWaits(model, operation, row.ts);
  if (!operation.implied) return;
  operation.ended = row.ts;
  if (row.result < 0) operation.result = row.result;
}

/** A break that may not wait fails at once; the leases stay marked as breaking. */
function refuse(model: Model, row: RowEvent<'break.ended'>, current: ActiveBreak): void {
  const leases = conflictingLeases(current);
  for (const lease of leases) lease.breaking ??= row.ts;
  const operation = operationOf(model, row, current);
  operation.refusedBy = [...new Set([...operation.refusedBy, ...leases])];
  touchInode(operation.inode, row.ts);
}

/** The call that the break is part of. */
function operationOf(
  model: Model,
  row: RowEvent<'break.blocked' | 'break.ended'>,
  current: ActiveBreak,
): OperationRecord {
  const running = model.operations.get(row.tid);
  if (running !== undefined && running.ended === null) {
    tieToInode(model, running, current.inode);
    if (running.inode === current.inode) return running;
  }
  const op: OperationName = current.class === 'lease' ? 'open' : 'other';
  const detail = current.class === 'lease' ? (current.write ? 'to write' : 'to read') : '';
  return beginOperation(model, row, current.inode, { op, detail, implied: true }, current.since);
}

/**
 * The leases that a break is about (fs/locks.c, leases_conflict): those of its class, and for one that only reads,
 * those that are not read leases.
 */
function conflictingLeases(current: ActiveBreak): readonly Lease[] {
  const sameClass = [...current.inode.leases].filter((lease) => isBrokenBy(lease, current.class));
  const conflicting = current.write ? sameClass : sameClass.filter((lease) => lease.type !== 'read');
  return conflicting.length > 0 ? conflicting : sameClass;
}

/** A delegation's break leaves plain leases alone; a plain one breaks both; layouts are a world of their own. */
function isBrokenBy(lease: Lease, breaker: LeaseState['class']): boolean {
  if (breaker === 'layout' || lease.class === 'layout') return breaker === lease.class;
  return breaker === 'lease' || lease.class === 'delegation';
}

function classOfBits(bits: number): LeaseState['class'] {
  if ((bits & BREAK_LAYOUT) !== 0) return 'layout';
  return (bits & BREAK_DELEG) !== 0 ? 'delegation' : 'lease';
}

function noteBreak(model: Model, tid: number, current: ActiveBreak): void {
  model.breaks.set(tid, current);
  if (model.breaks.size <= LIMITS.threads) return;
  const [oldest] = model.breaks.keys();
  if (oldest !== undefined) model.breaks.delete(oldest);
}
