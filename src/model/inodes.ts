/**
 * Inodes: who they are, what they are called, and their end.
 *
 * A number names an inode while it lives; after `inode.evicted` it may come back as another file (tmpfs reuses numbers
 * at once). What is remembered of the earlier one stays reachable as `previous`: its pins may outlive it.
 */
import type { BootNs, Dev, Ino, InodeKey, RowEvent } from '../event/event.ts';
import { inodeKey } from '../event/event.ts';
import { noteForgotten } from './coverage.ts';
import { LIMITS } from './limits.ts';
import { laterOf } from './moments.ts';
import { noEntries, noItems } from './sparse.ts';
import type { Inode, Model } from './state.ts';

/** Rows of anonymous memory, and of system calls whose inode is not known, carry this. */
export const NO_INODE = '0:0:0' as InodeKey;

/** Stands for the file of pages that are no file's any more and do not tell their device either. */
export const LOST_FILE = '0:0:lost' as InodeKey;

/** The living inode that a row names; it is made if need be. */
export function inodeOf(
  model: Model,
  row: { readonly ts: BootNs; readonly dev: Dev; readonly ino: Ino },
): Inode {
  return inodeByKey(model, inodeKey(row.dev, row.ino), row);
}

/** The same, by a key that is not made of the row's numbers. */
export function inodeByKey(model: Model, key: InodeKey, row: Parameters<typeof inodeOf>[1]): Inode {
  const known = model.inodes.get(key);
  if (known !== undefined && known.evicted === null) return known;
  const inode: Inode = {
    key,
    dev: row.dev,
    ino: row.ino,
    names: [],
    fs: null,
    hint: null,
    path: null,
    mapped: null,
    since: row.ts,
    changed: row.ts,
    version: 0,
    evicted: null,
    previous: known !== undefined && !isBare(known) ? known : null,
    leases: noItems(),
    pins: noItems(),
    operations: noItems(),
    past: noItems(),
    growth: noEntries(),
    lastClosed: null,
    lastRefusal: null,
    lastContradiction: null,
    contradicted: null,
  };
  cutGenerations(model, inode);
  model.inodes.delete(key);
  model.inodes.set(key, inode);
  if (model.inodes.size > LIMITS.inodes) forgetOne(model);
  return inode;
}

/** The inode that a row names, also when it is on its way out: evict waits for pinned DAX pages. */
export function lastInodeOf(model: Model, row: Parameters<typeof inodeOf>[1]): Inode {
  return model.inodes.get(inodeKey(row.dev, row.ino)) ?? inodeOf(model, row);
}

/** Something about the inode changed: conclusions about it are out of date. */
export function touchInode(inode: Inode, ts: BootNs): void {
  inode.version += 1;
  inode.changed = laterOf(inode.changed, ts);
}

/** Takes one name of the walk from a file up to its file system's root. A walk starts again at depth 0. */
export function applyNamed(model: Model, row: RowEvent<'inode.named'>): void {
  const inode = inodeOf(model, row);
  if (row.depth === 0) inode.names = [row.name];
  else if (row.depth === inode.names.length && row.depth < LIMITS.nameDepth) inode.names.push(row.name);
  inode.fs = row.fs === '' ? inode.fs : row.fs;
  touchInode(inode, row.ts);
}

/** The inode left memory. Nothing is kept of one that nobody leased, pinned or waited for. */
export function applyEvicted(model: Model, row: RowEvent<'inode.evicted'>): void {
  const inode = model.inodes.get(inodeKey(row.dev, row.ino));
  if (inode === undefined || inode.evicted !== null) return;
  inode.evicted = row.ts;
  touchInode(inode, row.ts);
  forgetIfBare(model, inode);
}

/** Whether a lease, a pin, an operation or a refusal of this very inode is remembered. */
export function hasStory({ leases, pins, operations, past }: Inode): boolean {
  return leases.size + pins.size + operations.size + past.size > 0;
}

/** Whether nothing worth an answer is remembered of an inode, nor of those that had its number before. */
export function isBare(inode: Inode): boolean {
  return !hasStory(inode) && inode.previous === null;
}

/** Drops an inode of which nothing is remembered, if it is gone or was never named (named ones are being watched). */
export function forgetIfBare(model: Model, inode: Inode): void {
  const isWatched = inode.evicted === null && (inode.names.length > 0 || inode.path !== null);
  if (!isWatched && isBare(inode) && model.inodes.get(inode.key) === inode) model.inodes.delete(inode.key);
}

/** This inode and those that had its number before, newest first. */
export function generationsOf(inode: Inode): Inode[] {
  const generations: Inode[] = [];
  for (let each: Inode | null = inode; each !== null; each = each.previous) generations.push(each);
  return generations;
}

function cutGenerations(model: Model, newest: Inode): void {
  const oldest = generationsOf(newest)[LIMITS.generations - 1];
  if (oldest === undefined || oldest.previous === null) return;
  oldest.previous = null;
  model.coverage.evicted += 1;
}

const SECOND_CHANCES = 64;

/** Forgets the oldest inode; one that is held or waited for goes to the end of the line first. */
function forgetOne(model: Model): void {
  for (let tries = 0; tries <= SECOND_CHANCES; tries++) {
    const [oldest] = model.inodes.values();
    if (oldest === undefined) return;
    model.inodes.delete(oldest.key);
    if (tries === SECOND_CHANCES || !isUsed(oldest)) {
      if (isUsed(oldest)) noteForgotten(model.coverage);
      else model.coverage.evicted += 1;
      return;
    }
    model.inodes.set(oldest.key, oldest);
  }
}

function isUsed(inode: Inode): boolean {
  return generationsOf(inode).some((each) => each.leases.size + each.pins.size + each.operations.size > 0);
}
