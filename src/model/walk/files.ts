/**
 * Open files as a walk finds them: under which descriptors of which process, in which socket's queue or ring, behind
 * which mapping. At the time of the walk these are all that have them, so nothing is left to presume about earlier.
 */
import { inodeKey, type RowEvent } from '../../event/event.ts';
import { touchFile } from '../anchors.ts';
import { addDescriptor, freeNumbers } from '../descriptors.ts';
import { holdOf } from '../holds.ts';
import { inodeOf, NO_INODE, touchInode } from '../inodes.ts';
import { keeperOf } from '../keepers.ts';
import { LIMITS } from '../limits.ts';
import { laterOf } from '../moments.ts';
import { openFileOf } from '../open-files.ts';
import type { Hold, Model, OpenFile } from '../state.ts';
import { isUnseen, show } from './sightings.ts';
import { livingTask } from './takers.ts';

/** The `how` column of walk.kept. */
const KEEPERS = [null, 'socket-queue', 'io_uring-file', 'mapping'] as const;

export function applyWalkHeld(model: Model, row: RowEvent<'walk.held'>): void {
  const task = livingTask(model, row);
  const file = walkedFile(model, row);
  const known = holdOf(file, task.table);
  if (known !== undefined && isUnseen(model.walk, known)) forgetNumbers(known, file);
  addDescriptor(model, task, file, row.fd, { how: 'unknown', from: null, origin: 'snapshot' }, row.ts);
  const hold = holdOf(file, task.table);
  if (hold !== undefined) show(model.walk, hold, row.source);
}

export function applyWalkKept(model: Model, row: RowEvent<'walk.kept'>): void {
  const how = KEEPERS[row.how] ?? null;
  if (how === null) return;
  const task = how === 'mapping' ? livingTask(model, row) : null;
  const keeper = keeperOf(model, walkedFile(model, row), { how, object: row.keeper, task }, row.ts);
  if (keeper === null) return;
  keeper.references = isUnseen(model.walk, keeper) ? 1 : keeper.references + 1;
  show(model.walk, keeper, row.source);
}

export function applyWalkMapped(model: Model, row: RowEvent<'walk.mapped'>): void {
  const task = livingTask(model, row);
  if (row.bytes <= 0 || inodeKey(row.dev, row.ino) === NO_INODE) return;
  const inode = inodeOf(model, row);
  const shown = model.walk.count;
  if (inode.mapped?.shown !== shown) inode.mapped = { shown, bytes: new Map() };
  const { bytes } = inode.mapped;
  if (bytes.has(task) || bytes.size < LIMITS.usersPerFile) {
    bytes.set(task, (bytes.get(task) ?? 0) + row.bytes);
  }
  touchInode(inode, row.ts);
}

export function applyWalkNamed(model: Model, row: RowEvent<'walk.named'>): void {
  if (inodeKey(row.dev, row.ino) === NO_INODE) return;
  const inode = inodeOf(model, row);
  if (row.path !== '') inode.path = row.path;
  if (row.fs !== '') inode.fs ??= row.fs;
  touchInode(inode, row.ts);
}

/** The open file that a walk's row names. */
export function walkedFile(model: Model, row: RowEvent<'walk.held' | 'walk.kept' | 'walk.leased'>): OpenFile {
  const file = openFileOf(model, row, 'before');
  if (file.walked === null) {
    file.walked = laterOf(model.coverage.now, row.ts);
    touchFile(model, file, row.ts);
  }
  if (file.shown === 0) {
    const key = inodeKey(file.dev, file.ino);
    const open = model.walk.open.get(key);
    if (open === undefined) model.walk.open.set(key, new Set([file]));
    else open.add(file);
  }
  file.shown = model.walk.count;
  return file;
}

/** The numbers that an earlier walk showed: this one shows those that are left. */
function forgetNumbers(hold: Hold, file: OpenFile): void {
  freeNumbers(hold, file);
  hold.fds = [];
  hold.unknownCloses = 0;
}
