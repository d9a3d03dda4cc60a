/**
 * What keeps pins alive, found by pointer.
 *
 * A pin's owner (a memory region, a pipe) lives as long as some open file leads to it: the struct file itself
 * (uverbs), or one whose private_data it is (both ends of a pipe). The pin's row tells that pointer as `reach`.
 */
import type { BootNs, Ptr } from '../event/event.ts';
import { touchInode } from './inodes.ts';
import { LIMITS } from './limits.ts';
import type { Anchor, Model, OpenFile, Pin } from './state.ts';

/** The anchor behind a pin's `reach`, with the open files that lead there now. Null where nothing is known to. */
export function anchorOf(model: Model, reach: Ptr): Anchor | null {
  if (reach === 0) return null;
  const known = model.anchors.get(reach);
  if (known !== undefined && !isStale(known)) return known;
  const direct = model.files.get(reach);
  const files = new Set(model.filesByObject.get(reach));
  if (direct !== undefined) files.add(direct);
  const anchor: Anchor = {
    ptr: reach,
    files: [...files].slice(0, LIMITS.filesPerObject),
    pins: new Set(),
    kept: null,
  };
  model.anchors.set(reach, anchor);
  return anchor;
}

/** Ties an open file to the anchors that its pointers name. Call again when its private_data becomes known. */
export function tieToAnchors(model: Model, file: OpenFile): void {
  if (file.object !== 0) {
    const siblings = model.filesByObject.get(file.object);
    if (siblings === undefined) model.filesByObject.set(file.object, new Set([file]));
    else siblings.add(file);
  }
  for (const anchor of anchorsOf(model, file)) {
    if (isStale(anchor)) model.anchors.delete(anchor.ptr);
    else if (!anchor.files.includes(file)) addFile(anchor, file);
  }
}

/** An open file is gone: its pointers may be reused, its place in the story stays with the pins. */
export function untieFromAnchors(model: Model, file: OpenFile): void {
  const siblings = model.filesByObject.get(file.object);
  siblings?.delete(file);
  if (siblings?.size === 0) model.filesByObject.delete(file.object);
  for (const anchor of anchorsOf(model, file)) forgetIfIdle(model, anchor);
}

/** A pin is gone: its anchor goes with the last of them, once no open file leads to it. */
export function leaveAnchor(model: Model, pin: Pin): void {
  pin.anchor?.pins.delete(pin);
  if (pin.anchor !== null) forgetIfIdle(model, pin.anchor);
}

/**
 * Who has the file changed, so what is said about the leases and pins behind it is out of date, and behind the files
 * that it keeps in its turn.
 */
export function touchFile(model: Model, file: OpenFile, ts: BootNs, visited?: Set<OpenFile>): void {
  for (const lease of file.leases) touchInode(lease.inode, ts);
  for (const anchor of anchorsOf(model, file)) {
    for (const pin of anchor.pins) touchInode(pin.inode, ts);
    if (anchor.kept === null) continue;
    const known = visited ?? new Set();
    known.add(file);
    for (const kept of anchor.kept) if (!known.has(kept)) touchFile(model, kept, ts, known);
  }
}

/** Whether the file bears a lease or keeps a pin alive, so that its holders may be named. */
export function matters(model: Model, file: OpenFile): boolean {
  if (file.leases.length > 0) return true;
  for (const anchor of anchorsOf(model, file)) if (keepsAny(anchor)) return true;
  return false;
}

/** A file begins to matter: its holders may be named from now on. */
export function tellHolders(file: OpenFile): void {
  for (const hold of file.held) for (const user of hold.table.users) user.isTold = true;
}

export function anchorsOf(model: Model, file: OpenFile): readonly Anchor[] {
  if (model.anchors.size === 0) return NO_ANCHORS;
  const own = model.anchors.get(file.ptr);
  const shared = file.object === file.ptr ? undefined : model.anchors.get(file.object);
  if (own === undefined) return shared === undefined ? NO_ANCHORS : [shared];
  return shared === undefined ? [own] : [own, shared];
}

const NO_ANCHORS: readonly Anchor[] = [];

/** All its files are closed: the pointer, seen again, is another object. */
export function isStale(anchor: Anchor): boolean {
  return anchor.files.length > 0 && anchor.files.every((file) => file.closed !== null);
}

/** Drops an anchor that keeps nothing and that no open file leads to. */
export function forgetIfIdle(model: Model, anchor: Anchor): void {
  const isInUse = keepsAny(anchor) || anchor.files.some((file) => file.closed === null);
  if (!isInUse && model.anchors.get(anchor.ptr) === anchor) model.anchors.delete(anchor.ptr);
}

function keepsAny({ pins, kept }: Anchor): boolean {
  return pins.size > 0 || (kept !== null && kept.size > 0);
}

function addFile(anchor: Anchor, file: OpenFile): void {
  anchor.files.push(file);
  if (anchor.files.length <= LIMITS.filesPerObject) return;
  const closed = anchor.files.findIndex((each) => each.closed !== null);
  anchor.files.splice(Math.max(0, closed), 1);
}
