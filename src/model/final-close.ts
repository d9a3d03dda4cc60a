/**
 * The end of an open file: its last reference went (`__fput`), and with it all its descriptors and leases.
 *
 * `__fput` removes leases (locks_remove_file, fs/file_table.c) and then calls the file's release, which drops the pins
 * of a pipe or a uverbs file; so the rows of those ends follow this one.
 */
import { type BootNs, inodeKey, type Ptr, type RowEvent } from '../event/event.ts';
import { touchFile, untieFromAnchors } from './anchors.ts';
import { noteFinalClose } from './contradictions.ts';
import { endHold } from './descriptors.ts';
import { endLease, endPin } from './endings.ts';
import { endKeeping } from './keepers.ts';
import { laterOf } from './moments.ts';
import type { FinalClose, Model, OpenFile } from './state.ts';

export function applyFinalClosed(model: Model, row: RowEvent<'file.finalClosed'>): void {
  const file = model.files.get(row.file);
  // A late row is about the file that had the pointer before.
  if (file === undefined || row.ts < lastBeginning(file)) return;
  if (file.dev !== row.dev || file.ino !== row.ino) {
    closeUnseen(model, row.file, row.ts);
    return;
  }
  noteFinalClose(model, file, row.ts);
  const task = model.tasks.get(row.pid) ?? null;
  closeFile(model, file, { at: row.ts, task, flags: row.flags, seen: true });
}

/** When something last began with the file that still lasts: it was open then. */
function lastBeginning({ since, held, leases }: OpenFile): BootNs {
  let last = since;
  for (const each of held) last = laterOf(last, each.since);
  for (const each of leases) last = laterOf(last, each.since);
  return last;
}

/** The file of this pointer must be gone: the pointer names another one now. */
export function closeUnseen(model: Model, ptr: Ptr, ts: BootNs): void {
  const file = model.files.get(ptr);
  if (file !== undefined) closeFile(model, file, { at: ts, task: null, flags: 0, seen: false });
}

/**
 * Nobody has a descriptor of these files any more, and this kernel does not tell final closes: their leases are
 * presumed to have ended with them.
 */
export function presumeClosed(model: Model, files: readonly OpenFile[], ts: BootNs): void {
  for (const file of files) {
    for (const lease of [...file.leases]) endLease(model, lease, ts, 'close', true);
  }
}

/** Takes a closed file out of those that walks showed. */
function forgetOpen(model: Model, file: OpenFile): void {
  if (file.shown === 0) return;
  const key = inodeKey(file.dev, file.ino);
  const open = model.walk.open.get(key);
  open?.delete(file);
  if (open?.size === 0) model.walk.open.delete(key);
}

function closeFile(model: Model, file: OpenFile, close: FinalClose): void {
  for (const hold of [...file.held]) endHold(model, file, hold, close.at);
  for (const record of file.handOvers) record.dropped ||= record.to === null;
  file.closed = close;
  model.files.delete(file.ptr);
  endKeeping(model, file, close.at);
  forgetOpen(model, file);
  touchFile(model, file, close.at);
  for (const lease of [...file.leases]) endLease(model, lease, close.at, 'close', !close.seen);
  endUnfollowed(model, file, close.at);
  untieFromAnchors(model, file);
}

/**
 * The pages of a pipe that was filled before tracing began: no row tells their release (probes/vmsplice.bt), but with the
 * last end of the pipe they are gone. The other end may sit in a queue that the walk could not look into.
 */
function endUnfollowed(model: Model, file: OpenFile, ts: BootNs): void {
  if (model.walk.gaps.some(({ path }) => path === 'fd-passing')) return;
  const anchor = model.anchors.get(file.object);
  if (anchor === undefined || anchor.files.some(({ closed }) => closed === null)) return;
  for (const pin of [...anchor.pins]) {
    if (pin.origin === 'snapshot' && pin.via === 'vmsplice') endPin(model, pin, ts, true);
  }
}
