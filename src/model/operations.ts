/**
 * Operations on files: truncates, hole punches, opens that a break held up. One at a time for each thread.
 *
 * Most truncates of a system concern nobody: an operation is kept when it waited, was refused, or met a file with
 * leases or pins; the others are forgotten when they end.
 */

import { NS_PER_S } from '../base/time.ts';
import type { BootNs, RowEvent } from '../event/event.ts';
import type { OperationName } from './answer.ts';
import { endPin, retireOperation } from './endings.ts';
import { forgetIfBare, inodeOf, NO_INODE, touchInode } from './inodes.ts';
import { LIMITS } from './limits.ts';
import { holePages, overlaps, truncatedPages } from './page-ranges.ts';
import { withItem, withoutItem } from './sparse.ts';
import type { Inode, Model, OperationRecord, PageRange, Pin, Task } from './state.ts';
import { actorOf } from './tasks.ts';
import { endWaits } from './waits.ts';

/** The `how` column of truncate.began: open(2) with O_TRUNC. */
const BY_OPEN = 3;

/** What a call returns that was refused for somebody else's sake: EAGAIN, EBUSY, ETXTBSY, EDEADLK. */
const REFUSALS: ReadonlySet<number> = new Set([-11, -16, -26, -35]);

/** A row without began and ended of its own belongs to the call that the thread just made. */
const SAME_CALL_NS = NS_PER_S;

type Actor = Pick<RowEvent, 'ts' | 'pid' | 'tid' | 'comm'>;

export interface Beginning {
  readonly op: OperationName;
  readonly detail: string;
  readonly frees?: PageRange | null;
  readonly implied?: boolean;
  /** When a walk found it under way. */
  readonly found?: BootNs;
}

export function applyTruncateBegan(model: Model, row: RowEvent<'truncate.began'>): void {
  const inode = inodeOf(model, row);
  noteHint(inode, row.name, row.ts);
  const size = row.from < 0 ? `to ${row.to} bytes` : `from ${row.from} to ${row.to} bytes`;
  const detail = row.how === BY_OPEN ? `${size}, by open with O_TRUNC` : size;
  const frees = truncatedPages(row.from, row.to);
  const opening = model.operations.get(row.tid);
  if (row.how === BY_OPEN && opening !== undefined && isSameCall(opening, inode, row.ts)) {
    opening.frees = frees;
    opening.detail = detail;
    return;
  }
  beginOperation(model, row, inode, { op: 'truncate', detail, frees });
}

export function applyTruncateEnded(model: Model, row: RowEvent<'truncate.ended'>): void {
  const operation = model.operations.get(row.tid);
  if (operation === undefined) return;
  if (operation.op === 'truncate') finishOperation(model, operation, row.result, row.ts);
  else if (operation.frees !== null && row.result === 0) markFreed(operation, row.ts);
}

export function applyHoleBegan(model: Model, row: RowEvent<'hole.began'>): void {
  const inode = inodeOf(model, row);
  noteHint(inode, row.name, row.ts);
  const { frees, what } = holePages(row.mode, row.offset, row.length);
  const detail = `${what}: ${row.length} bytes at ${row.offset}`;
  beginOperation(model, row, inode, { op: 'hole-punch', detail, frees });
}

export function applyHoleEnded(model: Model, row: RowEvent<'hole.ended'>): void {
  const operation = model.operations.get(row.tid);
  if (operation?.op === 'hole-punch') finishOperation(model, operation, row.result, row.ts);
}

/** The open(2) that a break held up or refused has returned. */
export function applyOpenEnded(model: Model, row: RowEvent<'open.ended'>): void {
  const operation = model.operations.get(row.tid);
  if (operation === undefined || !operation.implied || operation.op !== 'open') return;
  operation.ended = null;
  finishOperation(model, operation, row.result, row.ts);
}

/** An operation of this thread starts. The end of the one before, if it runs still, was not seen. */
export function beginOperation(
  model: Model,
  row: Actor,
  inode: Inode,
  beginning: Beginning,
  started: BootNs = row.ts,
): OperationRecord {
  const before = model.operations.get(row.tid);
  if (before !== undefined) dropOrRetire(model, before, row.ts);
  const operation: OperationRecord = {
    kind: 'operation',
    op: beginning.op,
    task: callerOf(model, row),
    tid: row.tid,
    comm: row.comm,
    inode,
    started,
    ended: null,
    result: null,
    detail: beginning.detail,
    where: '',
    found: beginning.found ?? null,
    origin: beginning.found === undefined ? 'observed' : 'snapshot',
    shown: 0,
    source: '',
    waits: [],
    implied: beginning.implied === true,
    frees: beginning.frees ?? null,
    freed: [],
    refusedBy: [],
    cycle: null,
  };
  operation.task.isTold = true;
  model.operations.set(row.tid, operation);
  inode.operations = withItem(inode.operations, operation);
  if (model.operations.size > LIMITS.threads) {
    const [oldest] = model.operations.values();
    if (oldest !== undefined) retireOperation(model, oldest, row.ts);
  }
  return operation;
}

/** An exit closes its descriptors after its own row: for what it waits then, it is the exited process that waits. */
function callerOf(model: Model, row: Actor): Task {
  const known = model.tasks.get(row.pid);
  return known !== undefined && known.exited !== null ? known : actorOf(model, row);
}

/** The call returned. */
function finishOperation(model: Model, operation: OperationRecord, result: number, ts: BootNs): void {
  endWaits(model, operation, ts);
  operation.ended = ts;
  operation.result = result;
  if (result === 0) {
    markFreed(operation, ts);
    endAwaited(model, operation);
  }
  if (REFUSALS.has(result) && operation.refusedBy.length === 0) {
    operation.refusedBy = [...operation.inode.leases, ...operation.inode.pins];
  }
  dropOrRetire(model, operation, ts);
}

/** A process is gone: calls of its that seem to run ended unseen. */
export function abandonOperations(model: Model, pid: number, ts: BootNs): void {
  const own = model.operations.get(pid);
  const left = [...model.waiting].filter((each) => each.task.pid === pid && each !== own);
  for (const operation of own === undefined || own.task.pid !== pid ? left : [own, ...left]) {
    dropOrRetire(model, operation, ts);
  }
}

/** Ties an operation to the inode that a later row of its thread names. */
export function tieToInode(model: Model, operation: OperationRecord, inode: Inode): void {
  if (operation.inode === inode || operation.inode.key !== NO_INODE) return;
  const nowhere = operation.inode;
  nowhere.operations = withoutItem(nowhere.operations, operation);
  forgetIfBare(model, nowhere);
  inode.hint ??= nowhere.hint;
  nowhere.hint = null;
  touchInode(inode, operation.started);
  operation.inode = inode;
  inode.operations = withItem(inode.operations, operation);
}

function isSameCall(opening: OperationRecord, inode: Inode, ts: BootNs): boolean {
  const isRecent = opening.ended === null || ts - opening.ended <= SAME_CALL_NS;
  return opening.op === 'open' && opening.implied && opening.inode === inode && isRecent;
}

function dropOrRetire(model: Model, operation: OperationRecord, ts: BootNs): void {
  endWaits(model, operation, ts);
  if (isWorthKeeping(operation)) {
    retireOperation(model, operation, ts);
    return;
  }
  const { inode } = operation;
  inode.operations = withoutItem(inode.operations, operation);
  if (model.operations.get(operation.tid) === operation) model.operations.delete(operation.tid);
  forgetIfBare(model, inode);
}

function isWorthKeeping(operation: OperationRecord): boolean {
  const { inode } = operation;
  if (inode.key === NO_INODE) return false;
  if (operation.waits.length > 0 || operation.refusedBy.length > 0) return true;
  return inode.leases.size + inode.pins.size + inode.past.size > 0 || inode.previous !== null;
}

/** Pages were taken from the file while pinned: nothing waited for those pins. */
function markFreed(operation: OperationRecord, at: BootNs): void {
  const { frees, inode } = operation;
  const hasWaited = operation.waits.some((wait) => wait.on === 'dax-page');
  if (frees === null || hasWaited) return;
  for (const pin of inode.pins) {
    if (pin.freed !== null || !overlaps(pin, frees)) continue;
    pin.freed = { by: operation, at };
    operation.freed.push(pin);
    touchInode(inode, at);
  }
}

/**
 * The pages of a pipe that was filled before tracing began: no row tells their release (probes/vmsplice.bt), but who
 * waited for them got on.
 */
function endAwaited(model: Model, operation: OperationRecord): void {
  for (const { on, ended, pins } of operation.waits) {
    if (on !== 'dax-page' || ended === null) continue;
    for (const pin of pins) {
      const isUnfollowed = pin.origin === 'snapshot' && pin.via === 'vmsplice';
      if (isUnfollowed && pin.ended === null) endPin(model, pin, ended, true);
    }
  }
}

function noteHint(inode: Inode, name: string, ts: BootNs): void {
  if (name === '' || inode.hint === name) return;
  inode.hint = name;
  touchInode(inode, ts);
}

/** Pins whose pages an operation would take away. */
export function pinsUnder(operation: OperationRecord): Pin[] {
  const { frees } = operation;
  const pins = [...operation.inode.pins];
  return frees === null ? pins : pins.filter((pin) => overlaps(pin, frees));
}
