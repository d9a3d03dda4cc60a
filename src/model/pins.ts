/**
 * Pins: which process pinned which pages of a file, through which owner object, and when they were released.
 *
 * One row tells one owner object and file. Rows with the same owner add up where an object can take more pages (a
 * pipe); elsewhere a second row long after the first means that the pointer was reused and the release was lost.
 */
import type { Ptr, RowEvent } from '../event/event.ts';
import { noteRelease } from './contradictions.ts';
import { endPin, remember } from './endings.ts';
import { inodeOf, NO_INODE, touchInode } from './inodes.ts';
import { LEAK_NS, LEAK_PINS, SETTLE_NS, WALK_NS } from './limits.ts';
import { addPages, addPin, leaseOf, viaOf } from './pin-records.ts';
import { addRefusal } from './refusals.ts';
import { withEntry, withItem } from './sparse.ts';
import type { Inode, Model, Pin, Task } from './state.ts';
import { actorOf } from './tasks.ts';

type TakenRow = RowEvent<'pin.taken'>;

export function applyPinTaken(model: Model, row: TakenRow): void {
  if (row.pages <= 0) return;
  const taker = actorOf(model, row);
  const inode = inodeOf(model, row);
  const siblings = model.objects.get(row.object);
  if (siblings !== undefined) {
    for (const pin of siblings) {
      if (!isFoundAlready(pin, inode, row)) continue;
      if (pin.taker === null && row.pages >= pin.taken) nameTaker(pin, taker);
      touchInode(inode, row.ts);
      return;
    }
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
  const pin = addPin(model, inode, taker, row, 'observed');
  if (pin.longterm && inode.key !== NO_INODE) noteGrowth(model, pin, taker);
}

function nameTaker(pin: Pin, taker: Task): void {
  pin.taker = taker;
  taker.took = withItem(taker.took, pin);
  taker.isTold = true;
  pin.lease ??= leaseOf(pin.inode, taker);
}

/** Pages of an owner object were released; `left` 0 ends its pins, -1 leaves the count to what is known of it. */
export function applyPinDropped(model: Model, row: RowEvent<'pin.dropped'>): void {
  const pins = model.objects.get(row.object);
  if (pins === undefined) return;
  const live = [...pins];
  noteRelease(model, live, row);
  if (row.left === 0) {
    for (const pin of live) endPin(model, pin, row.ts);
    return;
  }
  // Which of its pages went cannot be told where a walk saw only some.
  if (live.some((pin) => pin.partial !== null)) {
    for (const pin of live) touchInode(pin.inode, row.ts);
    return;
  }
  // A pipe gives its pages back in the order in which it got them, unless the page says otherwise.
  const exact = live.findIndex((pin) => pin.pages.includes(row.page));
  const order = exact > 0 ? [...live.slice(exact, exact + 1), ...live.filter((_, i) => i !== exact)] : live;
  takePages(order, row.pages);
  const excess = row.left < 0 ? 0 : sumLeft(live) - row.left;
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

function isMoreOf(pin: Pin, inode: Inode, taker: Task, row: TakenRow): boolean {
  return (
    pin.inode === inode &&
    pin.taker === taker &&
    pin.via === viaOf(row.via) &&
    pin.longterm === (row.longterm !== 0) &&
    pin.write === (row.write !== 0)
  );
}

/** These pages were found by a walk that looked after they were taken: its rows come before, as of when it began. */
function isFoundAlready(pin: Pin, inode: Inode, row: TakenRow): boolean {
  const isFresh = pin.origin === 'snapshot' && pin.left === pin.taken && row.ts - pin.since <= WALK_NS;
  if (!isFresh || pin.inode !== inode) return false;
  return pin.extents.some(({ index, pages }) => index <= row.index && row.index + row.pages <= index + pages);
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

function noteGrowth(model: Model, pin: Pin, taker: Task): void {
  const { inode, since } = pin;
  const growth = inode.growth.get(taker) ?? { since, pins: 0, reported: false };
  inode.growth = withEntry(inode.growth, taker, growth);
  growth.pins += 1;
  if (growth.reported || growth.pins < LEAK_PINS || since - growth.since < LEAK_NS) return;
  growth.reported = true;
  remember(model, { kind: 'leak', inode, task: taker, since: growth.since, at: since, pins: growth.pins });
}
