/** Processes as answers name them. */
import type { TaskRef } from '../answer.ts';
import type { Task } from '../state.ts';

export function taskRef({ pid, comm, exited, gone }: Task): TaskRef {
  if (exited !== null) return { pid, comm, alive: false, exited_ns: exited };
  return { pid, comm, alive: !gone };
}
