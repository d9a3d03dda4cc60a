/**
 * Descriptor tables: which process has which open file, under which numbers.
 *
 * A process may have a file without its number being known (it was opened before the trace, or closed by a path that
 * does not tell the number). What is known is kept; what is not is marked.
 */
import type { BootNs } from '../event/event.ts';
import { matters, touchFile } from './anchors.ts';
import type { HandOverHow } from './answer.ts';
import { noteForgotten } from './coverage.ts';
import { addItem, holdOf, removeItem } from './holds.ts';
import { isKept } from './keepers.ts';
import { LIMITS } from './limits.ts';
import { noEntries, noItems, withEntry, withItem, withoutItem, withoutKey } from './sparse.ts';
import type { FdTable, HandOverRecord, Hold, Model, OpenFile, Task } from './state.ts';

/** How a process came by an open file. */
export interface Arrival {
  readonly how: HandOverHow;
  readonly from: Task | null;
  readonly implied?: boolean;
  readonly ambiguous?: boolean;
  readonly origin?: Hold['origin'];
}

export function createTable(): FdTable {
  return { slots: noEntries(), files: noItems(), users: noItems() };
}

/** A process uses the table from now on. */
export function addUser(table: FdTable, task: Task): void {
  table.users = withItem(table.users, task);
}

/**
 * A process has an open file from now on, under number `fd` (-1: not known). A descriptor that already had this number
 * was replaced. If the process has the file already, `arrival` says nothing new.
 */
export function addDescriptor(
  model: Model,
  task: Task,
  file: OpenFile,
  fd: number,
  arrival: Arrival,
  ts: BootNs,
): void {
  const { table } = task;
  const replaced = fd >= 0 ? table.slots.get(fd) : undefined;
  if (replaced !== undefined && replaced !== file) dropNumber(model, table, replaced, fd, ts, 1);
  const hold = holdOf(file, table) ?? openHold(model, task, file, arrival, ts);
  if (hold !== null && fd >= 0) {
    table.slots = withEntry(table.slots, fd, file);
    if (!hold.fds.includes(fd)) hold.fds = withNumber(hold.fds, fd);
  }
  touchFile(model, file, ts);
}

/** The numbers with one more, in order. Written out for the first two, which are nearly all: one list, of just their size. */
function withNumber(fds: readonly number[], fd: number): number[] {
  const [first] = fds;
  if (first === undefined) return [fd];
  if (fds.length === 1) return first < fd ? [first, fd] : [fd, first];
  return [...fds, fd].sort((one, other) => one - other);
}

/** A descriptor went; -1: its number is not known. */
export function dropDescriptor(model: Model, task: Task, file: OpenFile, fd: number, ts: BootNs): void {
  const { table } = task;
  if (fd >= 0) {
    const there = table.slots.get(fd);
    if (there !== undefined && there !== file) return;
    dropNumber(model, table, file, fd, ts, 0);
    return;
  }
  const hold = holdOf(file, table);
  if (hold === undefined) return;
  hold.unknownCloses += 1;
  if (hold.unknownCloses < hold.fds.length) return;
  // With as many closes as numbers, each number was closed: none is unknown any more.
  if (file.origin !== 'before') hold.unknownCloses = 0;
  endHold(model, file, hold, ts);
}

/**
 * Number `fd` does not lead to the file any more. `explained`: how many of the closes without a number this may have
 * been (a number in use for another file must have been closed before).
 */
function dropNumber(
  model: Model,
  table: FdTable,
  file: OpenFile,
  fd: number,
  ts: BootNs,
  explained: number,
): void {
  table.slots = withoutKey(table.slots, fd);
  const hold = holdOf(file, table);
  if (hold === undefined) return;
  hold.unknownCloses = Math.max(0, hold.unknownCloses - explained);
  const rest = hold.fds.filter((each) => each !== fd);
  if (rest.length <= hold.unknownCloses) {
    if (hold.fds.length === 0) hold.fds = [fd];
    endHold(model, file, hold, ts);
    return;
  }
  hold.fds = rest;
  touchFile(model, file, ts);
}

/** fork(2): the child starts with a copy of its parent's table. */
export function copyTable(model: Model, parent: Task, child: Task, ts: BootNs): void {
  for (const file of parent.table.files) {
    const held = holdOf(file, parent.table);
    if (held === undefined) continue;
    const hold = openHold(model, child, file, { how: 'fork', from: parent, implied: held.implied }, ts);
    if (hold === null) continue;
    hold.fds = [...held.fds];
    hold.unknownCloses = held.unknownCloses;
    const { fds } = hold;
    recordHandOver(file, {
      how: 'fork',
      from: parent,
      to: child,
      at: ts,
      sent: ts,
      fds,
      dropped: false,
      ambiguous: false,
    });
    touchFile(model, file, ts);
  }
  copySlots(parent.table, child.table);
}

function copySlots(from: FdTable, to: FdTable): void {
  for (const [fd, file] of from.slots) if (to.files.has(file)) to.slots = withEntry(to.slots, fd, file);
}

/** fork(2) with CLONE_FILES: the child uses its parent's table. */
export function shareTable(model: Model, parent: Task, child: Task, ts: BootNs): void {
  const { table } = parent;
  child.table = table;
  child.isTold ||= parent.isTold;
  addUser(table, child);
  for (const file of table.files) touchFile(model, file, ts);
}

/** A process gets a copy of the table that it shared; it holds what it held, and came by it as it did. */
export function unshareTable(model: Model, task: Task, ts: BootNs): void {
  const shared = task.table;
  shared.users = withoutItem(shared.users, task);
  task.table = createTable();
  addUser(task.table, task);
  for (const file of shared.files) {
    const held = holdOf(file, shared);
    if (held === undefined) continue;
    const { how, from, implied, ambiguous, origin } = held;
    const arrival: Arrival =
      held.task === task
        ? { how, from, implied, ambiguous, origin }
        : { how: 'fork', from: held.task, implied };
    const hold = openHold(model, task, file, arrival, held.since);
    if (hold === null) continue;
    hold.fds = [...held.fds];
    hold.unknownCloses = held.unknownCloses;
    touchFile(model, file, ts);
  }
  copySlots(shared, task.table);
}

/** A process stops using its table; with its last user all descriptors go. Returns the files that nobody has now. */
export function leaveTable(model: Model, task: Task, ts: BootNs): readonly OpenFile[] {
  const { table } = task;
  table.users = withoutItem(table.users, task);
  const abandoned: OpenFile[] = [];
  for (const file of [...table.files]) {
    const hold = holdOf(file, table);
    if (table.users.size > 0 || hold === undefined) {
      touchFile(model, file, ts);
      continue;
    }
    endHold(model, file, hold, ts);
    if (file.held.length === 0 && !isInFlight(file) && !isKept(file)) abandoned.push(file);
  }
  return abandoned;
}

/** Ends one table's share in a file. Its last numbers stay known. */
export function endHold(model: Model, file: OpenFile, hold: Hold, ts: BootNs): void {
  hold.until = ts;
  removeItem(file.held, hold);
  hold.table.files = withoutItem(hold.table.files, file);
  freeNumbers(hold, file);
  file.past.push(hold);
  if (file.past.length > LIMITS.handsPerFile) file.past.shift();
  model.holds -= 1;
  touchFile(model, file, ts);
}

/** The numbers of a share lead to its file no more. */
export function freeNumbers({ table, fds }: Hold, file: OpenFile): void {
  for (const fd of fds) if (table.slots.get(fd) === file) table.slots = withoutKey(table.slots, fd);
}

function openHold(model: Model, task: Task, file: OpenFile, arrival: Arrival, ts: BootNs): Hold | null {
  if (file.closed !== null) return null;
  if (model.holds >= LIMITS.holds) {
    noteForgotten(model.coverage);
    return null;
  }
  const hold: Hold = {
    table: task.table,
    task,
    fds: [],
    how: arrival.how,
    from: arrival.from,
    since: ts,
    until: null,
    implied: arrival.implied === true,
    ambiguous: arrival.ambiguous === true,
    unknownCloses: 0,
    origin: arrival.origin ?? 'observed',
    shown: 0,
    source: '',
  };
  file.held.push(hold);
  if (matters(model, file)) task.isTold = true;
  task.table.files = withItem(task.table.files, file);
  model.holds += 1;
  return hold;
}

/** Keeps a step of a file's way from hand to hand; the oldest ones that have arrived make room. */
export function recordHandOver(file: OpenFile, record: HandOverRecord): void {
  file.handOvers = addItem(file.handOvers, record);
  if (file.handOvers.length <= LIMITS.handsPerFile) return;
  const arrived = file.handOvers.findIndex((each) => each.to !== null);
  file.handOvers.splice(Math.max(0, arrived), 1);
}

/** Whether a reference to the file sits in a socket's queue, as far as is known. */
export function isInFlight(file: OpenFile): boolean {
  return (
    file.handOvers.some((each) => each.to === null && !each.dropped) ||
    file.keepers.some((keeper) => keeper.until === null && keeper.how === 'socket-queue')
  );
}
