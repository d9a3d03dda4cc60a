/**
 * The record of a pin: made from the row that first told of it, tied to its inode, its owner object and what keeps that
 * alive, and filled page by page.
 */
import type { RowEvent } from '../event/event.ts';
import { anchorOf, tellHolders } from './anchors.ts';
import type { PinVia } from './answer.ts';
import { filesOfPin, holdsFile } from './holding.ts';
import { touchInode } from './inodes.ts';
import { LIMITS, PAGE_BYTES } from './limits.ts';
import { withItem } from './sparse.ts';
import type { Inode, Lease, Model, Pin, Task } from './state.ts';
import { matchPin } from './waits.ts';

/** A row that tells of pinned pages: as they were taken, or as a walk found them. */
export type PagesRow = RowEvent<'pin.taken' | 'walk.pinned'>;

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

/** The way of pinning that a row's text names. */
export function viaOf(text: string): PinVia {
  return isVia(text) ? text : 'other';
}

/** A new pin with the row's pages. */
export function addPin(
  model: Model,
  inode: Inode,
  taker: Task | null,
  row: PagesRow,
  origin: Pin['origin'],
): Pin {
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
    taken: row.pages,
    left: row.pages,
    bytes: bytesOf(row),
    extents: [{ index: row.index, pages: row.pages }],
    pages: [row.page],
    unsure: false,
    walked: 0,
    partial: null,
    orphan: false,
    lease: taker === null ? null : leaseOf(inode, taker),
    ended: null,
    presumed: false,
    freed: null,
    origin,
    shown: 0,
    source: '',
  };
  matchPin(inode, pin, row.page);
  inode.pins = withItem(inode.pins, pin);
  if (taker !== null) {
    taker.took = withItem(taker.took, pin);
    taker.isTold = true;
  }
  for (const file of filesOfPin(pin)) tellHolders(file);
  pin.anchor?.pins.add(pin);
  if (row.object !== 0) {
    const siblings = model.objects.get(row.object);
    if (siblings === undefined) model.objects.set(row.object, new Set([pin]));
    else siblings.add(pin);
  }
  touchInode(inode, row.ts);
  return pin;
}

/** More pages of the same pin. */
export function addPages(pin: Pin, row: PagesRow): void {
  pin.taken += row.pages;
  pin.left += row.pages;
  pin.bytes += bytesOf(row);
  if (pin.extents.length < LIMITS.extentsPerPin) pin.extents.push({ index: row.index, pages: row.pages });
  if (pin.pages.length < LIMITS.extentsPerPin) pin.pages.push(row.page);
}

/** A row of several that share one owner tells the owner's whole length. */
function bytesOf(row: PagesRow): number {
  const most = row.pages * PAGE_BYTES;
  return row.bytes > 0 ? Math.min(row.bytes, most) : most;
}

/** The lease on this file under which a process acts: its own, or one whose open file it has. */
export function leaseOf(inode: Inode, task: Task): Lease | null {
  let shared: Lease | null = null;
  for (const lease of inode.leases) {
    if (lease.taker === task) return lease;
    if (holdsFile(task, lease.file)) shared ??= lease;
  }
  return shared;
}
