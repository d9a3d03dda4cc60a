/**
 * Descriptors on their way: opened, duplicated, sent over SCM_RIGHTS and received, taken by pidfd_getfd, closed.
 */
import type { RowEvent } from '../event/event.ts';
import { touchFile } from './anchors.ts';
import { addDescriptor, dropDescriptor, recordHandOver } from './descriptors.ts';
import { holdOf } from './holds.ts';
import { leaveQueue, letGo } from './keepers.ts';
import { openFileOf, originBy } from './open-files.ts';
import type { HandOverRecord, Model, OpenFile, Task } from './state.ts';
import { actorOf, lastActorOf } from './tasks.ts';

/** The `how` column of fd.installed. */
const RECEIVED = 1;
const DUPLICATED_ONTO = 2;
const TAKEN_BY_PIDFD = 3;

export function applyInstalled(model: Model, row: RowEvent<'fd.installed'>): void {
  const task = actorOf(model, row);
  switch (row.how) {
    case RECEIVED:
      receive(model, task, row);
      return;
    case TAKEN_BY_PIDFD:
      steal(model, task, row);
      return;
    default:
      appear(model, task, row);
  }
}

/** Whether the descriptor came from another process. */
export function isHandedOver({ how }: RowEvent<'fd.installed'>): boolean {
  return how === RECEIVED || how === TAKEN_BY_PIDFD;
}

export function applyClosed(model: Model, row: RowEvent<'fd.closed'>): void {
  const file = namedFile(model, row);
  if (file === null) return;
  dropDescriptor(model, lastActorOf(model, row), file, row.fd, row.ts);
}

/** A reference went into a socket's queue. Whoever sent it has it, also if no row said so. */
export function applySent(model: Model, row: RowEvent<'fd.sent'>): void {
  const task = actorOf(model, row);
  const file = openFileOf(model, row, originBy(task));
  if (holdOf(file, task.table) === undefined) {
    addDescriptor(model, task, file, -1, { how: 'unknown', from: null, implied: true }, row.ts);
  }
  recordHandOver(file, {
    how: 'scm_rights',
    from: task,
    to: null,
    at: row.ts,
    sent: row.ts,
    fds: [],
    dropped: false,
    ambiguous: false,
  });
  touchFile(model, file, row.ts);
}

/** A reference went out of a queue without being received. */
export function applyDiscarded(model: Model, row: RowEvent<'fd.discarded'>): void {
  const file = namedFile(model, row);
  if (file === null) return;
  const waiting = file.handOvers.find((each) => each.to === null && !each.dropped);
  if (waiting !== undefined) {
    waiting.dropped = true;
  } else {
    const queue = file.keepers.find((each) => each.until === null && each.how === 'socket-queue');
    if (queue !== undefined) letGo(model, file, queue, row.ts);
  }
  touchFile(model, file, row.ts);
}

/** The known file that a row is about; null also where the pointer is another file's by now, and the row came late. */
function namedFile(model: Model, row: RowEvent<'fd.closed' | 'fd.discarded'>): OpenFile | null {
  const file = model.files.get(row.file);
  if (file === undefined || file.dev !== row.dev || file.ino !== row.ino) return null;
  return row.ts < file.since ? null : file;
}

/** open(2), pipe(2), dup(2), dup2(2): a new open file, or one more number for one that the process has. */
function appear(model: Model, task: Task, row: RowEvent<'fd.installed'>): void {
  const known = model.files.get(row.file);
  const isNew = known === undefined || known.dev !== row.dev || known.ino !== row.ino;
  const isOpened = isNew && row.how !== DUPLICATED_ONTO;
  // What looks like an opened file may be a duplicate of one that is older than the trace.
  const isSurelyNew = isOpened && !(task.older && !model.walk.isFinished);
  const file = openFileOf(model, row, isSurelyNew ? 'seen' : 'before');
  const how = isOpened ? 'open' : row.how === DUPLICATED_ONTO ? 'dup' : 'unknown';
  addDescriptor(model, task, file, row.fd, { how, from: null, implied: !isOpened }, row.ts);
}

function receive(model: Model, task: Task, row: RowEvent<'fd.installed'>): void {
  const file = openFileOf(model, row, 'before');
  const queue = leaveQueue(model, file, task, row.ts);
  // What a walk saw in the queue comes out before what was sent after it.
  const waiting = file.handOvers.filter(
    (each) => each.to === null && !each.dropped && (queue === null || each.sent <= queue.since),
  );
  const senders = new Set(waiting.map((each) => each.from));
  if (senders.size > 1) for (const each of waiting) each.ambiguous = true;
  const arrived = senders.size > 1 ? waiting.at(-1) : waiting[0];
  if (arrived === undefined) {
    recordHandOver(file, arrivalOf('scm_rights', null, task, row));
  } else {
    arrived.to = task;
    arrived.at = row.ts;
    arrived.fds = [row.fd];
  }
  const from = arrived?.from ?? null;
  const ambiguous = arrived?.ambiguous === true;
  addDescriptor(model, task, file, row.fd, { how: 'scm_rights', from, ambiguous }, row.ts);
}

function steal(model: Model, task: Task, row: RowEvent<'fd.installed'>): void {
  const file = openFileOf(model, row, 'before');
  const owners = ownersOtherThan(task, file);
  const [from = null] = owners;
  const ambiguous = owners.length !== 1;
  recordHandOver(file, { ...arrivalOf('pidfd_getfd', from, task, row), ambiguous });
  addDescriptor(model, task, file, row.fd, { how: 'pidfd_getfd', from, ambiguous }, row.ts);
}

function ownersOtherThan(task: Task, file: OpenFile): Task[] {
  return file.held
    .flatMap((hold) => [...hold.table.users])
    .filter((owner) => owner !== task && owner.exited === null);
}

function arrivalOf(
  how: HandOverRecord['how'],
  from: Task | null,
  to: Task,
  row: RowEvent<'fd.installed'>,
): HandOverRecord {
  return { how, from, to, at: row.ts, sent: row.ts, fds: [row.fd], dropped: false, ambiguous: false };
}
