/**
 * Processes: born by fork, renamed by exec, ended by exit; a pid that comes back is a new process.
 *
 * What a process leaves behind (descriptors, leases, pins) is released by rows that follow its exit and still carry
 * its pid, so an exited process stays known for a while.
 */
import type { BootNs, RowEvent } from '../event/event.ts';
import { noteAfterExit, noteReplaced } from './contradictions.ts';
import { noteForgotten } from './coverage.ts';
import { addUser, copyTable, createTable, leaveTable, shareTable, unshareTable } from './descriptors.ts';
import { endPin } from './endings.ts';
import { presumeClosed } from './final-close.ts';
import { touchInode } from './inodes.ts';
import { LIMITS } from './limits.ts';
import { pushRing } from './ring.ts';
import { noItems } from './sparse.ts';
import type { Model, Task } from './state.ts';
import { seesFinalCloses } from './traced.ts';

/** CLONE_FILES: parent and child use one descriptor table (include/uapi/linux/sched.h). */
const CLONE_FILES = 0x400;

type Actor = Pick<RowEvent, 'pid' | 'tid' | 'comm'>;

/** The living process that a row comes from; one that was not known is older than the trace. */
export function actorOf(model: Model, row: Actor & Pick<RowEvent, 'ts'>): Task {
  const known = model.tasks.get(row.pid);
  if (known !== undefined && known.exited !== null) noteAfterExit(model, known, row.ts);
  return livingTaskOf(model, row);
}

/** The same for what is known otherwise to live. */
export function livingTaskOf(model: Model, row: Actor): Task {
  const known = model.tasks.get(row.pid);
  if (known === undefined || known.exited !== null) return addTask(model, row.pid, row.comm, null);
  if (row.pid === row.tid) renameTask(model, known, row.comm);
  return known;
}

/** The process that a row comes from, also when it has exited: closing what it left is done in its name. */
export function lastActorOf(model: Model, row: Actor): Task {
  return model.tasks.get(row.pid) ?? addTask(model, row.pid, row.comm, null);
}

/** The process with this pid, which is not the one that the row comes from. */
export function taskByPid(model: Model, pid: number): Task {
  return model.tasks.get(pid) ?? addTask(model, pid, '', null);
}

/** A process makes another: it has its parent's descriptors, as a copy or in one table. */
export function applyForked(model: Model, row: RowEvent<'task.forked'>): void {
  const parent = actorOf(model, row);
  const replaced = model.tasks.get(row.child);
  if (replaced !== undefined && replaced !== parent && replaced.exited === null) {
    noteReplaced(model, replaced, row.ts);
    endTask(model, replaced, row.ts);
  }
  if (replaced === parent) return;
  const child = addTask(model, row.child, row.comm, row.ts);
  child.older = parent.older;
  parent.forked = row.ts;
  if ((row.flags & CLONE_FILES) !== 0) {
    shareTable(model, parent, child, row.ts);
  } else {
    copyTable(model, parent, child, row.ts);
  }
}

/** exec gives a process a table of its own (fs/exec.c, begin_new_exec). */
export function applyExecuted(model: Model, row: RowEvent<'task.executed'>): void {
  const task = actorOf(model, row);
  renameTask(model, task, row.comm);
  task.older = false;
  if (task.table.users.size > 1) unshareTable(model, task, row.ts);
}

/** The last thread of a process exits: its descriptors go. What it had open ends by rows that follow. */
export function applyExited(model: Model, row: RowEvent<'task.exited'>): void {
  const task = model.tasks.get(row.pid);
  if (task === undefined || task.exited !== null) return;
  if (row.pid === row.tid) renameTask(model, task, row.comm);
  endTask(model, task, row.ts);
}

function renameTask(model: Model, task: Task, comm: string): void {
  if (task.comm === comm) return;
  task.comm = comm;
  if (task.isTold) model.renames += 1;
}

function endTask(model: Model, task: Task, ts: BootNs): void {
  task.exited = ts;
  const abandoned = leaveTable(model, task, ts);
  if (!seesFinalCloses(model.header)) presumeClosed(model, abandoned, ts);
  for (const taken of [...task.took]) {
    touchInode(taken.inode, ts);
    // No row can tell the end of a pin without an owner object.
    if (taken.kind === 'pin' && taken.object === 0) endPin(model, taken, ts, true);
  }
  model.living -= 1;
  const oldest = pushRing(model.exited, task);
  if (oldest !== undefined) forgetTask(model, oldest);
}

/** A living process with this pid, in the place of any that had it before. */
export function addTask(model: Model, pid: number, comm: string, born: BootNs | null): Task {
  const task: Task = {
    pid,
    comm,
    born,
    exited: null,
    gone: false,
    older: born === null,
    forked: null,
    isTold: false,
    table: createTable(),
    took: noItems(),
  };
  addUser(task.table, task);
  model.tasks.set(pid, task);
  model.living += 1;
  if (model.living > LIMITS.tasks) forgetLiving(model);
  return task;
}

/** Too many live: the one that was seen first is forgotten, as if it had never been seen. */
function forgetLiving(model: Model): void {
  for (const task of model.tasks.values()) {
    if (task.exited !== null) continue;
    forgetTask(model, task);
    model.living -= 1;
    noteForgotten(model.coverage);
    return;
  }
}

/** The pid may be another process's from now on. */
export function forgetTask(model: Model, task: Task): void {
  if (model.tasks.get(task.pid) === task) model.tasks.delete(task.pid);
}
