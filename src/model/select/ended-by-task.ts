/**
 * Which ended leases and pins each process had a part in, kept up as they end. Thousands are remembered, and to ask each of
 * them for the sake of one process takes longer than the rest of a picture: each is asked once, just after its end.
 */
import { filesOfPin } from '../holding.ts';
import { newestPlace } from '../ring.ts';
import type { Ended, Lease, Model, OpenFile, Pin, Task } from '../state.ts';

export interface EndedByTask {
  /** To be called after each event; costs nothing until `of` was called. */
  readonly note: () => void;
  /** Those that it took, or had a descriptor of before they ended, oldest first. */
  readonly of: (task: Task) => Iterable<Lease | Pin>;
}

/** What is in one place of the ring. */
interface Known {
  readonly held: Lease | Pin;
  readonly tasks: ReadonlySet<Task>;
}

/** An index of what a model remembers as ended. */
export function createEndedByTask({ ended: ring }: Pick<Model, 'ended'>): EndedByTask {
  const byTask = new Map<Task, Set<Lease | Pin>>();
  const byPlace: (Known | null)[] = [];
  let isAsked = false;
  let newest: Ended | undefined;

  function note(): void {
    if (isAsked) readOn();
  }

  /** From the newest back to the one that was the newest before. */
  function readOn(): void {
    const { items } = ring;
    const from = newestPlace(ring);
    if (items[from] === newest) return;
    const places: number[] = [];
    for (let back = 0; back < items.length; back += 1) {
      const at = (from - back + items.length) % items.length;
      if (items[at] === newest) break;
      places.push(at);
    }
    for (const at of places.reverse()) replace(at, items[at]);
    newest = items[from];
  }

  function replace(at: number, ended: Ended | undefined): void {
    const before = byPlace[at];
    if (before) forget(before);
    const known = ended === undefined ? null : read(ended);
    byPlace[at] = known;
    if (known === null) return;
    for (const task of known.tasks) {
      const had = byTask.get(task);
      if (had === undefined) byTask.set(task, new Set([known.held]));
      else had.add(known.held);
    }
  }

  function forget({ held, tasks }: Known): void {
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

function read(ended: Ended): Known | null {
  return ended.kind === 'lease' || ended.kind === 'pin' ? { held: ended, tasks: partakersOf(ended) } : null;
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
