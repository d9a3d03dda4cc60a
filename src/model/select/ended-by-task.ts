/**
 * Which ended leases and pins each process had a part in, kept up as they end. Thousands are remembered, and to ask each of
 * them for the sake of one process takes longer than the rest of a picture: each is asked once, just after its end.
 */
import { filesOfPin } from '../holding.ts';
import { createRing, newestIn, pushedSince, pushRing } from '../ring.ts';
import type { Ended, Lease, Model, OpenFile, Pin, Task } from '../state.ts';

export interface EndedByTask {
  /** To be called after each event; costs nothing until `of` was called. */
  readonly note: () => void;
  /** Those that it took, or had a descriptor of before they ended, oldest first. */
  readonly of: (task: Task) => Iterable<Lease | Pin>;
}

/** What is remembered as ended, in the order of the ends, and whose it was; null for what is no lease or pin. */
interface Known {
  readonly held: Lease | Pin | null;
  readonly tasks: ReadonlySet<Task>;
}

const NOBODY: ReadonlySet<Task> = new Set();

/** An index of what a model remembers as ended. */
export function createEndedByTask({ ended: ring }: Pick<Model, 'ended'>): EndedByTask {
  const byTask = new Map<Task, Set<Lease | Pin>>();
  /** As the ring itself: what it forgets is forgotten here. */
  const known = createRing<Known>(ring.limit);
  let isAsked = false;
  let newest: Ended | undefined;

  function note(): void {
    if (isAsked) readOn();
  }

  function readOn(): void {
    for (const ended of pushedSince(ring, newest)) add(ended);
    newest = newestIn(ring);
  }

  function add(ended: Ended): void {
    const held = ended.kind === 'lease' || ended.kind === 'pin' ? ended : null;
    const tasks = held === null ? NOBODY : partakersOf(held);
    const oldest = pushRing(known, { held, tasks });
    if (oldest !== undefined) forget(oldest);
    if (held === null) return;
    for (const task of tasks) {
      const had = byTask.get(task);
      if (had === undefined) byTask.set(task, new Set([held]));
      else had.add(held);
    }
  }

  function forget({ held, tasks }: Known): void {
    if (held === null) return;
    for (const task of tasks) {
      const had = byTask.get(task);
      had?.delete(held);
      if (had?.size === 0) byTask.delete(task);
    }
  }

  return {
    note,
    of(task) {
      isAsked = true;
      readOn();
      return byTask.get(task) ?? [];
    },
  };
}

/** The processes that took it or had a descriptor of it before it ended: who got one later never held it. */
export function partakersOf(held: Lease | Pin): ReadonlySet<Task> {
  const tasks = new Set<Task>();
  if (held.taker !== null) tasks.add(held.taker);
  if (held.kind === 'lease') addHolders(tasks, held.file, held);
  else for (const file of filesOfPin(held)) addHolders(tasks, file, held);
  return tasks;
}

function addHolders(tasks: Set<Task>, { past, held: live }: OpenFile, { ended }: Lease | Pin): void {
  for (const { task, since } of past) if (ended === null || since <= ended) tasks.add(task);
  for (const { task, since } of live) if (ended === null || since <= ended) tasks.add(task);
}
