/**
 * Who took what a walk found. Kernel objects remember a pid, and the process may have exited long ago: its pid may even
 * be another's by now.
 */
import type { RowEvent } from '../../event/event.ts';
import { createTable } from '../descriptors.ts';
import { LIMITS } from '../limits.ts';
import { noItems } from '../sparse.ts';
import type { Model, Task } from '../state.ts';
import { addTask, forgetTask, livingTaskOf } from '../tasks.ts';

type Recorded = Pick<RowEvent, 'pid' | 'tid' | 'comm'>;

/** The process that a walk's row is about; it is alive. */
export function livingTask(model: Model, row: Recorded): Task {
  const task = livingTaskOf(model, row);
  model.walk.recorded.delete(task);
  task.isTold = true;
  return task;
}

/** The process that took pins and has exited since; null for pid 0: the object does not tell. */
export function goneTask(model: Model, { pid, comm }: Recorded): Task | null {
  if (pid <= 0) return null;
  const traced = model.tasks.get(pid);
  if (traced !== undefined && traced.exited !== null) return traced;
  const { gone } = model.walk;
  const known = gone.get(pid);
  if (known !== undefined) return known;
  const task: Task = {
    pid,
    comm,
    born: null,
    exited: null,
    gone: true,
    older: true,
    forked: null,
    isTold: true,
    table: createTable(),
    took: noItems(),
  };
  gone.set(pid, task);
  const [oldest] = gone.keys();
  if (gone.size > LIMITS.exitedTasks && oldest !== undefined) gone.delete(oldest);
  return task;
}

/**
 * The process whose pid a lease carries. A walk's row has its name only if it lives; without a name it may still turn
 * out to live, by the descriptors that the walk shows it to have.
 */
export function recordedTask(model: Model, row: Recorded): Task | null {
  if (row.pid <= 0) return null;
  if (row.comm !== '') return livingTask(model, row);
  const known = model.tasks.get(row.pid);
  if (known !== undefined) return known;
  const task = addTask(model, row.pid, '', null);
  model.walk.recorded.add(task);
  return task;
}

/** All rows of the walk are there: processes that none of them showed are gone. */
export function settleTakers(model: Model): void {
  for (const task of model.walk.recorded) {
    task.gone = true;
    if (model.tasks.get(task.pid) === task) {
      forgetTask(model, task);
      model.living -= 1;
    }
    for (const taken of task.took) taken.inode.version += 1;
  }
  model.walk.recorded.clear();
}
