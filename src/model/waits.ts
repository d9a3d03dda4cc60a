/**
 * The waits of an operation: for a lease break, a layout recall, a busy DAX page.
 *
 * Waits that follow each other without a gap are one: 7.3 reports each busy page by itself, 6.x the same page again.
 */
import type { BootNs, Ptr } from '../event/event.ts';
import type { WaitOn } from './answer.ts';
import { findCircle } from './blockers.ts';
import { touchInode } from './inodes.ts';
import { LIMITS, SAME_WAIT_NS } from './limits.ts';
import type { Inode, Lease, Model, OperationRecord, Pin, WaitRecord } from './state.ts';

export interface Cause {
  readonly on: WaitOn;
  readonly leases?: readonly Lease[];
  readonly pins?: readonly Pin[];
  readonly page?: Ptr;
  /** The very page or lease is known, not only what lies near it. */
  readonly matched: boolean;
}

/** The operation begins to wait, or waits on. */
export function beginWait(model: Model, operation: OperationRecord, cause: Cause, ts: BootNs): void {
  const last = operation.waits.at(-1);
  const wait = last !== undefined && isSameWait(operation, last, cause, ts) ? last : newWait(cause, ts);
  if (wait !== last) {
    operation.waits.push(wait);
    if (last !== undefined) last.ended ??= ts;
  }
  wait.ended = null;
  wait.matched ||= cause.matched;
  for (const lease of cause.leases ?? []) wait.leases.add(lease);
  for (const pin of cause.pins ?? []) wait.pins.add(pin);
  if (cause.page !== undefined && wait.pages.length < LIMITS.pagesPerWait) wait.pages.push(cause.page);
  operation.ended = null;
  operation.result = null;
  model.waiting.add(operation);
  touchInode(operation.inode, ts);
  noteCircle(model, operation, ts);
}

/** Keeps the circle of waits that the operation closes, if it does; the first one stays. */
export function noteCircle(model: Model, operation: OperationRecord, ts: BootNs): void {
  if (operation.cycle !== null) return;
  const tasks = findCircle(model, operation);
  if (tasks !== null) operation.cycle = { at: ts, tasks };
}

/** The operation waits no longer. */
export function endWaits(model: Model, operation: OperationRecord, ts: BootNs): void {
  if (!model.waiting.delete(operation)) return;
  for (const wait of operation.waits) wait.ended ??= ts;
  touchInode(operation.inode, ts);
}

/** A pin whose row comes after the wait for its page began: it is what is waited for. */
export function matchPin(inode: Inode, pin: Pin, page: Ptr): void {
  for (const operation of inode.operations) {
    const wait = operation.waits.at(-1);
    if (wait === undefined || wait.ended !== null || !wait.pages.includes(page)) continue;
    wait.pins.add(pin);
    wait.matched = true;
  }
}

function isSameWait(operation: OperationRecord, last: WaitRecord, cause: Cause, ts: BootNs): boolean {
  if (operation.waits.length >= LIMITS.waitsPerOperation) return true;
  // A sleeper that was forgotten and sleeps anew was woken in between.
  if (last.idle !== null) return false;
  return last.on === cause.on && (last.ended === null || ts - last.ended < SAME_WAIT_NS);
}

function newWait(cause: Cause, ts: BootNs): WaitRecord {
  return {
    on: cause.on,
    since: ts,
    ended: null,
    leases: new Set(),
    pins: new Set(),
    pages: [],
    matched: false,
    idle: null,
  };
}
