/** One process: what it holds and took, and what it passed on or was given. */
import type { InodeKey } from '../../event/event.ts';
import type { HandOver, Holder, Target, TaskRef } from '../answer.ts';
import { filesOf, handOversOf, holdersOf } from '../holding.ts';
import { targetOf } from '../names.ts';
import type { Lease, Model, Pin, Task } from '../state.ts';
import { createEndedByTask, type EndedByTask } from './ended-by-task.ts';
import { holderOf } from './holders.ts';
import { taskRef } from './tasks.ts';

/** A lease or pin that has to do with a process. */
export interface ProcessHold {
  readonly key: InodeKey;
  readonly target: Target;
  readonly holder: Holder;
  /** `holds`: it keeps it alive now. `held`: it did, and now it has ended. `took`: others have it now. */
  readonly share: 'holds' | 'held' | 'took';
}

/** A descriptor that came to or went from a process, and the file whose pages or lease hang on it. */
export interface Passing {
  readonly hand: HandOver;
  readonly key: InodeKey;
  readonly target: Target;
}

export interface ProcessAnswer {
  readonly task: TaskRef;
  /** When its fork was seen, boot ns; null for one that is older than the trace. */
  readonly born_ns: number | null;
  readonly holds: readonly ProcessHold[];
  /** Oldest first. */
  readonly passed: readonly Passing[];
}

/**
 * What is known of a process as of the model's last event. `candidates` are files that it is known to hold, as
 * `fileSummaries` tells: what a queue, ring or mapping keeps is found only through them. `ended` is for those who ask often.
 */
export function processAnswer(
  model: Model,
  pid: number,
  candidates: readonly InodeKey[],
  ended: EndedByTask = createEndedByTask(model),
): ProcessAnswer | null {
  const task = model.tasks.get(pid) ?? findExited(model, pid);
  if (task === undefined) return null;
  const held = [...relatedTo(model, task, candidates, ended)].sort((one, other) => one.since - other.since);
  return {
    task: taskRef(task),
    born_ns: task.born,
    holds: held.map((each) => ({
      key: each.inode.key,
      target: targetOf(model, each.inode),
      holder: holderOf(model, each),
      share: shareOf(each, task),
    })),
    passed: held.flatMap((each) => passingsOf(model, each, task)).sort(byTime),
  };
}

/** A process as answers name it; one that was never seen has no name. */
export function taskOf(model: Model, pid: number): TaskRef {
  const task = model.tasks.get(pid) ?? findExited(model, pid);
  return task === undefined ? { pid, comm: '', alive: true } : taskRef(task);
}

function findExited(model: Model, pid: number): Task | undefined {
  return model.exited.items.findLast((task) => task.pid === pid);
}

function shareOf(held: Lease | Pin, task: Task): ProcessHold['share'] {
  if (held.ended !== null) return 'held';
  return isHeldBy(held, task) ? 'holds' : 'took';
}

function relatedTo(
  model: Model,
  task: Task,
  candidates: readonly InodeKey[],
  ended: EndedByTask,
): ReadonlySet<Lease | Pin> {
  const related = new Set<Lease | Pin>(task.took);
  for (const key of candidates) {
    const inode = model.inodes.get(key);
    if (inode === undefined) continue;
    for (const held of [...inode.leases, ...inode.pins]) {
      if (isHeldBy(held, task) || isPassedBy(held, task)) related.add(held);
    }
  }
  for (const held of ended.of(task)) related.add(held);
  return related;
}

function isPassedBy(held: Lease | Pin, task: Task): boolean {
  return filesOf(held).some((file) => file.handOvers.some((hand) => hand.from === task));
}

function isHeldBy(held: Lease | Pin, task: Task): boolean {
  return holdersOf(held).some((holding) => holding.task === task);
}

function passingsOf(model: Model, held: Lease | Pin, task: Task): readonly Passing[] {
  return handOversOf(held)
    .filter(({ from, to, how }) => how !== 'open' && (from === task || to === task))
    .map(({ how, from, to, at, dropped }) => ({
      hand: {
        how,
        from: from === null ? null : taskRef(from),
        to: to === null ? null : taskRef(to),
        at_ns: at,
        in_flight: to === null && !dropped,
      },
      key: held.inode.key,
      target: targetOf(model, held.inode),
    }));
}

function byTime(one: Passing, other: Passing): number {
  return one.hand.at_ns - other.hand.at_ns;
}
