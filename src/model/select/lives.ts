/** When a process began and ended, as far as the trace saw it. */
import type { Model } from '../state.ts';

export interface Life {
  readonly pid: number;
  readonly comm: string;
  /** Null: it is older than the trace, or its fork was not seen. */
  readonly since_ns: number | null;
  /** Null: it has not exited. */
  readonly until_ns: number | null;
}

/** The latest process of this number; null where none is remembered, or where it was gone before the trace. */
export function lifeOf(model: Model, pid: number): Life | null {
  const task = model.tasks.get(pid);
  if (task === undefined || task.gone) return null;
  return { pid, comm: task.comm, since_ns: task.born, until_ns: task.exited };
}
