/**
 * Pinned pages as a walk finds them: run after run of an owner object's pages, then the object's own totals.
 *
 * An object that rows of its own told of stays the one that it was: the walk's pages are compared with its, not added.
 */
import type { RowEvent } from '../../event/event.ts';
import { inodeByKey, inodeOf, LOST_FILE, NO_INODE, touchInode } from '../inodes.ts';
import { LIMITS } from '../limits.ts';
import { addPages, addPin, viaOf } from '../pin-records.ts';
import type { Inode, Model, Pin, Task } from '../state.ts';
import { pinObject } from '../wording.ts';
import { show } from './sightings.ts';
import { goneTask, livingTask } from './takers.ts';

type PinnedRow = RowEvent<'walk.pinned'>;

/** A device that is not known. */
const NO_DEV = '0:0';

export function applyWalkPinned(model: Model, row: PinnedRow): void {
  if (row.pages <= 0) return;
  const taker = row.gone !== 0 ? goneTask(model, row) : row.pid > 0 ? livingTask(model, row) : null;
  const known = knownPin(model, taker, row);
  const pin = known ?? addPin(model, inodeOfPages(model, row), taker, row, 'snapshot');
  if (known === null) pin.walked = row.pages;
  else addRun(model, known, row);
  pin.orphan ||= row.orphan !== 0 && pin.freed === null;
  show(model.walk, pin, row.source);
  touchInode(pin.inode, row.ts);
}

export function applyWalkOwner(model: Model, row: RowEvent<'walk.owner'>): void {
  const { walk } = model;
  walk.explained += Math.max(0, row.counted);
  const pins = row.object === 0 ? [] : [...(model.objects.get(row.object) ?? [])];
  const unlooked = row.pages - row.seen;
  for (const pin of pins) {
    pin.partial = unlooked > 0 ? { seen: row.seen, pages: row.pages } : null;
    if (unlooked <= 0) compare(pin);
    if (row.source !== '') pin.source = row.source;
    touchInode(pin.inode, row.ts);
  }
  if (unlooked <= 0 || walk.hidden.length >= LIMITS.gaps) return;
  walk.hidden.push({ object: row.object, pages: unlooked, what: pinObject(viaOf(row.via), row.device) });
}

/**
 * The inode under which these pages are kept. Those that lost their file have a place of their own on its device, or
 * one for all where the page does not even tell that.
 */
function inodeOfPages(model: Model, row: PinnedRow): Inode {
  if (row.orphan === 0) return inodeOf(model, row);
  return row.dev === NO_DEV
    ? inodeByKey(model, LOST_FILE, { ...row, ino: 0 })
    : inodeOf(model, { ...row, ino: 0 });
}

/** The pin that these pages belong to. Pages that lost their file are those of the pin that had them before. */
function knownPin(model: Model, taker: Task | null, row: PinnedRow): Pin | null {
  if (row.object === 0) return pinWithoutOwner(model, taker, row);
  const siblings = model.objects.get(row.object);
  if (siblings === undefined) return null;
  const key = row.orphan === 0 ? inodeOf(model, row).key : null;
  for (const pin of siblings) {
    const isOfFile = key === null ? isLost(pin) || pin.pages.includes(row.page) : pin.inode.key === key;
    if (isOfFile && pin.inode.evicted === null) return pin;
  }
  if (row.orphan === 0) return null;
  const freed = [...siblings].filter((pin) => pin.freed !== null);
  return freed.length === 1 ? (freed[0] ?? null) : null;
}

/** Without an owner object, what one process pinned by one device in one file is one pin. */
function pinWithoutOwner(model: Model, taker: Task | null, row: PinnedRow): Pin | null {
  for (const pin of inodeOfPages(model, row).pins) {
    const isSame =
      pin.object === 0 && pin.taker === taker && pin.via === viaOf(row.via) && pin.device === row.device;
    if (isSame && pin.origin === 'snapshot') return pin;
  }
  return null;
}

function isLost({ inode }: Pin): boolean {
  return inode.key === LOST_FILE || (inode.ino === 0 && inode.key !== NO_INODE);
}

/** One more run of a pin; the first of a walk starts to count from nothing. */
function addRun({ walk }: Model, pin: Pin, row: PinnedRow): void {
  const isFirst = pin.shown !== walk.count;
  pin.walked = (isFirst ? 0 : pin.walked) + row.pages;
  if (pin.origin === 'observed') return;
  if (isFirst) {
    pin.taken = 0;
    pin.left = 0;
    pin.bytes = 0;
    pin.extents.length = 0;
    pin.pages.length = 0;
  }
  addPages(pin, row);
}

/** What rows told of a pin against what the walk counted: the larger number is shown, and not as certain. */
function compare(pin: Pin): void {
  if (pin.origin !== 'observed' || pin.walked === 0 || pin.walked === pin.left) return;
  pin.unsure = true;
  pin.left = Math.max(pin.left, pin.walked);
  pin.taken = Math.max(pin.taken, pin.left);
}
