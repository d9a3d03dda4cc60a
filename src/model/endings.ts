/**
 * Ends leases, pins and operations, and keeps the latest ended ones for reports.
 *
 * What has ended is remembered up to a limit for all files together. Before the oldest is forgotten, its findings are
 * put aside: a finding does not go away because time went on.
 */
import type { BootNs } from '../event/event.ts';
import { leaveAnchor } from './anchors.ts';
import { findAbout } from './findings/index.ts';
import { addTallies } from './findings/tally.ts';
import { removeItem } from './holds.ts';
import { forgetIfBare, NO_INODE, touchInode } from './inodes.ts';
import { LIMITS } from './limits.ts';
import { pushRing } from './ring.ts';
import { withItem, withoutItem, withoutKey } from './sparse.ts';
import type { Ended, Lease, Model, OperationRecord, Pin } from './state.ts';

/** A lease ended. `presumed`: no row said so. */
export function endLease(
  model: Model,
  lease: Lease,
  ts: BootNs,
  by: NonNullable<Lease['endedBy']>,
  presumed = false,
): void {
  lease.ended = ts;
  lease.endedBy = by;
  lease.presumed = presumed;
  removeItem(lease.file.leases, lease);
  if (lease.taker !== null) lease.taker.took = withoutItem(lease.taker.took, lease);
  lease.inode.leases = withoutItem(lease.inode.leases, lease);
  if (by === 'close') lease.inode.lastClosed = lease;
  touchInode(lease.inode, ts);
  remember(model, lease);
}

/** A pin ended: all its pages were released. `presumed`: no row said so. */
export function endPin(model: Model, pin: Pin, ts: BootNs, presumed = false): void {
  pin.ended = ts;
  pin.presumed = presumed;
  const { inode, taker } = pin;
  inode.pins = withoutItem(inode.pins, pin);
  if (taker !== null) {
    taker.took = withoutItem(taker.took, pin);
    inode.growth = withoutKey(inode.growth, taker);
  }
  const siblings = model.objects.get(pin.object);
  siblings?.delete(pin);
  if (siblings?.size === 0) model.objects.delete(pin.object);
  leaveAnchor(model, pin);
  touchInode(inode, ts);
  // Anonymous memory is followed only because a pipe's pages are counted together.
  if (inode.key !== NO_INODE) remember(model, pin);
}

/** Takes an operation that is over out of the running ones. */
export function retireOperation(model: Model, operation: OperationRecord, ts: BootNs): void {
  operation.ended ??= ts;
  const { inode } = operation;
  inode.operations = withoutItem(inode.operations, operation);
  model.waiting.delete(operation);
  if (model.operations.get(operation.tid) === operation) model.operations.delete(operation.tid);
  touchInode(inode, ts);
  remember(model, operation);
}

/** Keeps something that has ended, and forgets the oldest such thing if there are too many. */
export function remember(model: Model, ended: Ended): void {
  ended.inode.past = withItem(ended.inode.past, ended);
  const oldest = pushRing(model.ended, ended);
  if (oldest === undefined) return;
  archiveFindings(model, oldest);
  oldest.inode.past = withoutItem(oldest.inode.past, oldest);
  model.coverage.evicted += 1;
  forgetIfBare(model, oldest.inode);
}

function archiveFindings(model: Model, ended: Ended): void {
  for (const found of findAbout(model, ended)) {
    const known = model.archive.get(found.name);
    if (known !== undefined) model.archive.set(found.name, addTallies(known, found));
    else if (model.archive.size < LIMITS.archivedFindings) model.archive.set(found.name, found);
    else model.coverage.evicted += 1;
  }
}
