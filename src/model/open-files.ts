/**
 * Open files (struct file) by pointer, from their first row to their final close.
 */
import type { BootNs, Dev, Ino, Ptr } from '../event/event.ts';
import { tieToAnchors, touchFile } from './anchors.ts';
import { noteForgotten } from './coverage.ts';
import { closeUnseen } from './final-close.ts';
import { LIMITS } from './limits.ts';
import type { FileOrigin, Model, OpenFile, Task } from './state.ts';

/** The columns of a row that name an open file; `object` is missing where the row does not tell it. */
export interface FileColumns {
  readonly ts: BootNs;
  readonly file: Ptr;
  readonly dev: Dev;
  readonly ino: Ino;
  readonly object?: Ptr;
}

/**
 * The open file that a row names; it is made if need be, with `origin`. A known pointer that now is a file of another
 * inode was reused: the earlier file ended unseen.
 */
export function openFileOf(model: Model, row: FileColumns, origin: FileOrigin): OpenFile {
  const known = model.files.get(row.file);
  if (known !== undefined && known.dev === row.dev && known.ino === row.ino) {
    if (known.object === 0 && row.object !== undefined && row.object !== 0) {
      known.object = row.object;
      tieToAnchors(model, known);
      touchFile(model, known, row.ts);
    }
    return known;
  }
  if (known !== undefined) closeUnseen(model, row.file, row.ts);
  const file: OpenFile = {
    ptr: row.file,
    dev: row.dev,
    ino: row.ino,
    object: row.object ?? (0 as Ptr),
    since: row.ts,
    origin,
    walked: null,
    shown: 0,
    held: [],
    past: [],
    keepers: [],
    handOvers: [],
    leases: [],
    closed: null,
  };
  model.files.set(row.file, file);
  tieToAnchors(model, file);
  touchFile(model, file, row.ts);
  if (model.files.size > LIMITS.files) forgetOldest(model, row.ts);
  return file;
}

/**
 * How far to trust that a file whose first row comes from `task` is nobody else's: a program that was started while
 * traced, and its children that never forked, shares only what it inherited or sent, and sending would have been the first row.
 */
export function originBy(task: Task): FileOrigin {
  return task.born !== null && !task.older && task.forked === null ? 'inferred' : 'before';
}

function forgetOldest(model: Model, ts: BootNs): void {
  const [oldest] = model.files.keys();
  if (oldest === undefined) return;
  closeUnseen(model, oldest, ts);
  noteForgotten(model.coverage);
}
