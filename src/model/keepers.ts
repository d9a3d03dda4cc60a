/**
 * What keeps open files alive besides descriptors: the queue of an AF_UNIX socket, the file table of an io_uring, a
 * mapping. Only a walk tells of them; rows of what happens later end them where they can.
 */

import type { BootNs, Ptr } from '../event/event.ts';
import { anchorOf, anchorsOf, forgetIfIdle, isStale, tellHolders, touchFile } from './anchors.ts';
import { noteForgotten } from './coverage.ts';
import { LIMITS } from './limits.ts';
import type { Keeper, Model, OpenFile, Task } from './state.ts';

/** Whether something besides descriptors is known to keep the file. */
export function isKept(file: OpenFile): boolean {
  return file.keepers.some((keeper) => keeper.until === null);
}

/**
 * The keeper of this kind, made if need be: the socket or ring whose open files have `object`, or the process that
 * maps the file. Null where it cannot be named or remembered.
 */
export function keeperOf(
  model: Model,
  file: OpenFile,
  by: { readonly how: Keeper['how']; readonly object: Ptr; readonly task: Task | null },
  ts: BootNs,
): Keeper | null {
  const anchor = by.task === null ? anchorOf(model, by.object) : null;
  if (anchor === null && by.task === null) return null;
  const isSame = (each: Keeper) =>
    each.until === null && each.how === by.how && each.anchor === anchor && each.task === by.task;
  const known = file.keepers.find(isSame);
  if (known !== undefined) return known;
  if (file.keepers.length >= LIMITS.handsPerFile) {
    const ended = file.keepers.findIndex((each) => each.until !== null);
    if (ended < 0) {
      noteForgotten(model.coverage);
      if (anchor !== null) forgetIfIdle(model, anchor);
      return null;
    }
    file.keepers.splice(ended, 1);
  }
  const { how, task } = by;
  const keeper: Keeper = {
    how,
    anchor,
    task,
    references: 0,
    since: ts,
    until: null,
    origin: 'snapshot',
    shown: 0,
    source: '',
  };
  file.keepers.push(keeper);
  if (anchor !== null) {
    anchor.kept ??= new Set();
    anchor.kept.add(file);
  }
  for (const each of anchor?.files ?? []) tellHolders(each);
  touchFile(model, file, ts);
  return keeper;
}

/** The keeper has let go. */
export function endKeeper(model: Model, file: OpenFile, keeper: Keeper, ts: BootNs): void {
  if (keeper.until !== null) return;
  keeper.until = ts;
  const { anchor } = keeper;
  const isKeptOtherwise = file.keepers.some((each) => each.until === null && each.anchor === anchor);
  if (anchor !== null && !isKeptOtherwise) {
    anchor.kept?.delete(file);
    forgetIfIdle(model, anchor);
  }
  touchFile(model, file, ts);
}

/** The file itself is closed, so nothing keeps it; and what only it kept, as the last file of its socket or ring. */
export function endKeeping(model: Model, file: OpenFile, ts: BootNs): void {
  for (const keeper of file.keepers) endKeeper(model, file, keeper, ts);
  for (const anchor of anchorsOf(model, file)) {
    if (!isStale(anchor)) continue;
    for (const kept of [...(anchor.kept ?? [])]) {
      for (const keeper of kept.keepers) if (keeper.anchor === anchor) endKeeper(model, kept, keeper, ts);
    }
  }
}

/**
 * A reference was received out of a socket's queue: out of one that the receiver has, if that is known. Returns the
 * queue; null where no walk saw it in one.
 */
export function leaveQueue(model: Model, file: OpenFile, receiver: Task, ts: BootNs): Keeper | null {
  const queues = file.keepers.filter((each) => each.until === null && each.how === 'socket-queue');
  const own = queues.find((each) => each.anchor?.files.some((socket) => receiver.table.files.has(socket)));
  const left = own ?? queues[0];
  if (left === undefined) return null;
  letGo(model, file, left, ts);
  return left;
}

/** The keeper lets one of its references go. */
export function letGo(model: Model, file: OpenFile, keeper: Keeper, ts: BootNs): void {
  keeper.references -= 1;
  if (keeper.references <= 0) endKeeper(model, file, keeper, ts);
}
