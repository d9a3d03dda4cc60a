/**
 * Pins: which process pinned which pages of a file, through which owner object, and when they were released.
 *
 * One row tells one owner object and file. Rows with the same owner add up where an object can take more pages (a
 * pipe); elsewhere a second row long after the first means that the pointer was reused and the release was lost.
 */
import type { Ptr, RowEvent } from '../event/event.ts';
import { anchorOf, tellHolders } from './anchors.ts';
import type { PinVia } from './answer.ts';
import { endPin, remember } from './endings.ts';
import { filesOfPin, holdsFile } from './holding.ts';
import { inodeOf, NO_INODE, touchInode } from './inodes.ts';
import { LEAK_NS, LEAK_PINS, LIMITS, PAGE_BYTES, SETTLE_NS } from './limits.ts';
import { addRefusal } from './refusals.ts';
import type { Inode, Lease, Model, Pin, Task } from './state.ts';
import { actorOf } from './tasks.ts';
import { matchPin } from './waits.ts';

type TakenRow = RowEvent<'pin.taken'>;

const VIAS: ReadonlySet<string> = new Set<PinVia>([
  'rdma-mr',
  'io_uring-buffer',
  'xdp-umem',
  'vfio',
  'direct-io',
  'vmsplice',
  'other',
]);

function isVia(text: string): text is PinVia {
  return VIAS.has(text);
}

function viaOf(text: string): PinVia {
  return isVia(text) ? text : 'other';
}

export function applyPinTaken(model: Model, row: TakenRow): void {
  if (row.pages <= 0) return;
  const taker = actorOf(model, row);
  const inode = inodeOf(model, row);
  const siblings = model.objects.get(row.object);
  if (siblings !== undefined) {
    for (const pin of [...siblings]) {
      if (isReused(pin, taker, row)) endPin(model, pin, row.ts, true);
    }
    for (const pin of siblings) {
      if (pin.ended === null && isMoreOf(pin, inode, taker, row)) {
        addPages(pin, row);
        touchInode(inode, row.ts);
        return;
      }
    }
  }
  addPin(model, inode, taker, row);
}

/** Pages of an owner object were released; `left` 0 ends its pins. */
export function applyPinDropped(model: Model, row: RowEvent<'pin.dropped'>): void {
  const pins = model.objects.get(row.object);
  if (pins === undefined) return;
  const live = [...pins];
  if (row.left <= 0) {
    for (const pin of live) endPin(model, pin, row.ts);
    return;
  }
  // A pipe gives its pages back in the order in which it got them, unless the page says otherwise.
  const exact = live.findIndex((pin) => pin.pages.includes(row.page));
  const order = exact > 0 ? [...live.slice(exact, exact + 1), ...live.filter((_, i) => i !== exact)] : live;
  takePages(order, row.pages);
  const excess = sumLeft(live) - row.left;
  if (excess > 0) for (const pin of takePages(order, excess)) pin.unsure = true;
  for (const pin of live) {
    touchInode(pin.inode, row.ts);
    if (pin.left === 0) endPin(model, pin, row.ts);
  }
}

export function applyPinRefused(model: Model, row: RowEvent<'pin.refused'>): void {
  addRefusal(model, inodeOf(model, row), actorOf(model, row), row, {
    what: 'pin',
    longterm: row.longterm !== 0,
    write: row.write !== 0,
    via: viaOf(row.via),
  });
}

/** The lease on this file under which a process acts: its own, or one whose open file it has. */
function leaseOf(inode: Inode, task: Task): Lease | null {
  let shared: Lease | null = null;
  for (const lease of inode.leases) {
    if (lease.taker === task) return lease;
    if (holdsFile(task, lease.file)) shared ??= lease;
  }
  return shared;
}

function addPin(model: Model, inode: Inode, taker: Task, row: TakenRow): void {
  const pin: Pin = {
    kind: 'pin',
    inode,
    object: row.object,
    anchor: anchorOf(model, row.reach),
    taker,
    since: row.ts,
    via: viaOf(row.via),
    device: row.device,
    longterm: row.longterm !== 0,
    write: row.write !== 0,
    taken: 0,
    left: 0,
    bytes: 0,
    extents: [],
    pages: [],
    unsure: false,
    lease: leaseOf(inode, taker),
    ended: null,
    presumed: false,
    freed: null,
  };
  addPages(pin, row);
  matchPin(inode, pin, row.page);
  inode.pins.add(pin);
  taker.took.add(pin);
  taker.isTold = true;
  for (const file of filesOfPin(pin)) tellHolders(file);
  pin.anchor?.pins.add(pin);
  if (row.object !== 0) {
    const siblings = model.objects.get(row.object);
    if (siblings === undefined) model.objects.set(row.object, new Set([pin]));
    else siblings.add(pin);
  }
  touchInode(inode, row.ts);
  if (pin.longterm && inode.key !== NO_INODE) noteGrowth(model, pin);
}

function addPages(pin: Pin, row: TakenRow): void {
  pin.taken += row.pages;
  pin.left += row.pages;
  // A row of several that share one owner tells the owner's whole length.
  const most = row.pages * PAGE_BYTES;
  pin.bytes += row.bytes > 0 ? Math.min(row.bytes, most) : most;
  if (pin.extents.length < LIMITS.extentsPerPin) pin.extents.push({ index: row.index, pages: row.pages });
  if (pin.pages.length < LIMITS.extentsPerPin) pin.pages.push(row.page);
}

function isMoreOf(pin: Pin, inode: Inode, taker: Task, row: TakenRow): boolean {
  return (
    pin.inode === inode &&
    pin.taker === taker &&
    pin.via === viaOf(row.via) &&
    pin.longterm === (row.longterm !== 0) &&
    pin.write === (row.write !== 0)
  );
}

/** Objects that are filled by one call: more pages much later, or for somebody else, are another object's. */
function isReused(pin: Pin, taker: Task, row: TakenRow): boolean {
  if (pin.via === 'vmsplice' || pin.via === 'other') return viaOf(row.via) !== pin.via;
  return pin.taker !== taker || row.ts - pin.since > SETTLE_NS || reachOf(pin) !== row.reach;
}

function reachOf(pin: Pin): Ptr | 0 {
  return pin.anchor?.ptr ?? 0;
}

/** Takes pages from pins, first come first served; returns those that lost some. */
function takePages(pins: readonly Pin[], pages: number): Pin[] {
  let rest = Math.max(0, pages);
  const touched: Pin[] = [];
  for (const pin of pins) {
    const part = Math.min(rest, pin.left);
    if (part <= 0) continue;
    pin.left -= part;
    rest -= part;
    touched.push(pin);
  }
  return touched;
}

function sumLeft(pins: readonly Pin[]): number {
  return pins.reduce((sum, pin) => sum + pin.left, 0);
}

function noteGrowth(model: Model, pin: Pin): void {
  const { inode, taker, since } = pin;
  const growth = inode.growth.get(taker) ?? { since, pins: 0, reported: false };
  inode.growth.set(taker, growth);
  growth.pins += 1;
  if (growth.reported || growth.pins < LEAK_PINS || since - growth.since < LEAK_NS) return;
  growth.reported = true;
  remember(model, { kind: 'leak', inode, task: taker, since: growth.since, at: since, pins: growth.pins });
}
