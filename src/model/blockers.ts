/**
 * Whom an operation waits for: the processes that hold the leases or pins in its way, now or while they
 * waited; and whether that leads back to the waiting process itself.
 */
import type { BootNs } from '../event/event.ts';
import { type Holding, holdersDuring, holdersWhen, inFlight, leavingHolders } from './holding.ts';
import { earlierOf } from './moments.ts';
import type { Lease, Model, OperationRecord, Pin, Task, WaitRecord } from './state.ts';

const FOREVER = Number.POSITIVE_INFINITY as BootNs;

/** A lease or pin in an operation's way, and who held it: now, or at any time of a wait that has ended. */
export interface Obstacle {
  readonly held: Lease | Pin;
  readonly holders: readonly Holding[];
}

/** What stands in the way of a wait that goes on; what stood in the way of one that has ended. */
export function obstaclesOf(wait: WaitRecord): readonly Obstacle[] {
  const { since, ended } = wait;
  const all = [...wait.leases, ...wait.pins];
  if (ended === null) {
    const live = all.filter((held) => held.ended === null);
    return live.map((held) => {
      const holders = holdersWhen(held, null);
      return {
        held,
        holders: holders.length > 0 || inFlight(held) ? holders : leavingHolders(held, FOREVER),
      };
    });
  }
  return all.map((held) => ({
    held,
    holders: holdersDuring(held, since, earlierOf(held.ended ?? ended, ended)),
  }));
}

/** The processes behind a wait, by pid. */
export function blockersOf(wait: WaitRecord): readonly Task[] {
  const tasks = new Set(obstaclesOf(wait).flatMap(({ holders }) => holders.map(({ task }) => task)));
  return [...tasks].sort((one, other) => one.pid - other.pid);
}

/** A longer circle than this is not looked for. */
const LONGEST_CIRCLE = 8;

/**
 * The processes of a circle of waits that starts and ends at this operation's process: itself alone where it waits
 * for what it holds itself. Null where there is none.
 */
export function findCircle(model: Model, operation: OperationRecord): readonly Task[] | null {
  const path: Task[] = [];
  const visited = new Set<Task>();
  function leadsBack(task: Task): boolean {
    if (visited.has(task) || path.length >= LONGEST_CIRCLE) return false;
    visited.add(task);
    path.push(task);
    const blockers = currentBlockers(model, task);
    if (blockers.has(operation.task)) return true;
    for (const blocker of blockers) if (leadsBack(blocker)) return true;
    path.pop();
    return false;
  }
  return leadsBack(operation.task) ? path : null;
}

function currentBlockers(model: Model, task: Task): ReadonlySet<Task> {
  const blockers = new Set<Task>();
  for (const operation of model.waiting) {
    if (operation.task !== task) continue;
    const wait = operation.waits.at(-1);
    if (wait === undefined || wait.ended !== null) continue;
    for (const blocker of blockersOf(wait)) blockers.add(blocker);
  }
  return blockers;
}
