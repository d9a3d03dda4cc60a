/**
 * Who sleeps in a call when a walk looks: an operation under way of which nobody told that it began. The page on the
 * thread's stack, by its place in the file, names the very pin that it waits for.
 */
import { cleanName } from '../../base/text.ts';
import type { BootNs, Ptr, RowEvent } from '../../event/event.ts';
import type { OperationName, WaitOn } from '../answer.ts';
import { lastInodeOf, touchInode } from '../inodes.ts';
import { LIMITS } from '../limits.ts';
import { laterOf } from '../moments.ts';
import { beginOperation, pinsUnder, tieToInode } from '../operations.ts';
import type { Inode, Lease, Model, OperationRecord, Pin, WalkedWait } from '../state.ts';
import { beginWait, noteCircle } from '../waits.ts';
import { show } from './sightings.ts';
import { livingTask } from './takers.ts';

type WaitingRow = RowEvent<'walk.waiting'>;

const NEVER = 0 as BootNs;

const NAMES: ReadonlySet<string> = new Set<OperationName>([
  'open',
  'truncate',
  'hole-punch',
  'close',
  'unlink',
  'other',
]);
const CAUSES: ReadonlySet<string> = new Set<WaitOn>(['lease-break', 'layout-recall', 'dax-page']);

export function applyWalkWaiting(model: Model, row: WaitingRow): void {
  livingTask(model, row);
  const { walk } = model;
  const operation = operationOf(model, row);
  show(walk, operation, row.source);
  operation.where = row.where;
  if (!isCause(row.on)) return;
  const last = operation.waits.at(-1);
  const isIdle = row.idle !== 0 && row.page !== 0;
  const goesOn = last?.ended === null && last.on === row.on && (last.idle === null || isIdle);
  if (!goesOn) {
    const since = laterOf(sinceOf(row), last?.idle ?? NEVER);
    beginWait(model, operation, { on: row.on, matched: false }, since);
  }
  const wait = operation.waits.at(-1);
  if (wait === undefined) return;
  if (row.page !== 0 && !wait.pages.includes(row.page) && wait.pages.length < LIMITS.pagesPerWait) {
    wait.pages.push(row.page);
  }
  if (isIdle) wait.idle ??= row.ts;
  touchInode(operation.inode, row.ts);
  const walked: WalkedWait = { operation, wait, page: row.page, index: row.index };
  if (walk.waits.length < LIMITS.threads) walk.waits.push(walked);
}

/** Ties the waits of the walk to the leases and pins that it found, in whatever order it told them. */
export function joinWaits(model: Model, ts: BootNs): void {
  for (const walked of model.walk.waits) {
    const { operation, wait } = walked;
    if (wait.ended !== null) continue;
    if (wait.on === 'dax-page') joinPins(walked);
    else joinLeases(walked);
    noteCircle(model, operation, ts);
    touchInode(operation.inode, ts);
  }
  model.walk.waits = [];
}

/** The call that the thread sleeps in: the one that rows told of, or one that began when it fell asleep, or earlier. */
function operationOf(model: Model, row: WaitingRow): OperationRecord {
  const inode = lastInodeOf(model, row);
  const running = model.operations.get(row.tid);
  if (running !== undefined && running.ended === null) {
    tieToInode(model, running, inode);
    if (running.inode === inode) return running;
  }
  const op = isOperation(row.op) ? row.op : 'other';
  const beginning = { op, detail: cleanName(row.detail), implied: true, found: row.ts };
  return beginOperation(model, row, inode, beginning, sinceOf(row));
}

function sinceOf(row: WaitingRow): BootNs {
  return row.since > 0 && row.since <= row.ts ? (row.since as BootNs) : row.ts;
}

/**
 * The pin of the very page. Where no pin has it, only one at which the walk did not look to its end may; where the page
 * is not known, any of the file.
 */
function joinPins({ operation, wait, page, index }: WalkedWait): void {
  if (wait.idle !== null) return;
  const pins = [...operation.inode.pins];
  const exact = page === 0 ? [] : pins.filter((pin) => hasPage(pin, page, index));
  const possible = page === 0 ? pinsUnder(operation) : pins.filter(isKnownInPart);
  for (const pin of exact.length > 0 ? exact : possible) wait.pins.add(pin);
  wait.matched ||= exact.length > 0;
}

function isKnownInPart({ partial, extents }: Pin): boolean {
  return partial !== null || extents.length >= LIMITS.extentsPerPin;
}

function hasPage(pin: Pin, page: Ptr, index: number): boolean {
  if (pin.pages.includes(page)) return true;
  return pin.extents.some((extent) => extent.index <= index && index < extent.index + extent.pages);
}

function joinLeases({ operation, wait }: WalkedWait): void {
  const leases = leasesInTheWay(operation.inode, wait.on);
  for (const lease of leases) wait.leases.add(lease);
  wait.matched ||= leases.length > 0;
}

function leasesInTheWay(inode: Inode, on: WaitOn): readonly Lease[] {
  const all = [...inode.leases].filter((lease) => (lease.class === 'layout') === (on === 'layout-recall'));
  const breaking = all.filter((lease) => lease.breaking !== null);
  return breaking.length > 0 ? breaking : all;
}

function isOperation(text: string): text is OperationName {
  return NAMES.has(text);
}

function isCause(text: string): text is WaitOn {
  return CAUSES.has(text);
}
