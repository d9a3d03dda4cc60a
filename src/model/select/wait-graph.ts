/** Who waits for whom now: each operation that sleeps, what stands in its way, and who holds that. */
import { nsToMs } from '../../base/time.ts';
import type { InodeKey } from '../../event/event.ts';
import type { OperationName, Target, TaskRef, WaitOn } from '../answer.ts';
import { type Obstacle, obstaclesOf } from '../blockers.ts';
import { targetOf } from '../names.ts';
import type { Model, OperationRecord, WaitRecord } from '../state.ts';
import { holdersText, leaseText, pagesText } from '../wording.ts';
import { taskRef } from './tasks.ts';
import { toFree } from './to-free.ts';

/** A process in the way of a sleeping operation. */
export interface Blocker {
  readonly task: TaskRef;
  /** What it holds and through what: "16 pages (64.0 KiB): cache[238] through pipe fds 3 and 4". */
  readonly holds: string;
}

/** One operation that sleeps. */
export interface WaitEdge {
  readonly waiter: TaskRef;
  readonly tid: number;
  readonly op: OperationName;
  readonly on: WaitOn;
  /** When the present wait began, boot ns. */
  readonly since_ns: number;
  readonly key: InodeKey;
  readonly target: Target;
  /** By pid; empty where nobody is known. */
  readonly blockers: readonly Blocker[];
  /** The page that it waits for is held by nobody: the kernel missed a wake-up. */
  readonly idle: boolean;
  /** Until the kernel takes the lease in the way away, where that is known. */
  readonly left_ms: number | null;
  /** What to let go of so that it goes on, in words. */
  readonly to_free: readonly string[];
}

/** All operations that wait as of the model's last event, longest first. */
export function waitGraph(model: Model): readonly WaitEdge[] {
  const edges: WaitEdge[] = [];
  for (const operation of model.waiting) {
    const wait = operation.waits.at(-1);
    if (wait !== undefined && wait.ended === null) edges.push(edgeOf(model, operation, wait));
  }
  return edges.sort((one, other) => one.since_ns - other.since_ns || one.tid - other.tid);
}

function edgeOf(model: Model, operation: OperationRecord, wait: WaitRecord): WaitEdge {
  const { inode, task, tid, op } = operation;
  const obstacles = obstaclesOf(wait);
  const deadlines = [...wait.leases].flatMap(({ ended, deadline }) =>
    ended === null && deadline !== null ? [deadline] : [],
  );
  const held = obstacles.map((obstacle) => obstacle.held);
  return {
    waiter: taskRef(task),
    tid,
    op,
    on: wait.on,
    since_ns: wait.since,
    key: inode.key,
    target: targetOf(model, inode),
    blockers: blockersOf(obstacles),
    idle: wait.idle !== null,
    left_ms: deadlines.length === 0 ? null : Math.max(0, nsToMs(Math.max(...deadlines) - model.coverage.now)),
    to_free: toFree(model, held, [operation]),
  };
}

function blockersOf(obstacles: readonly Obstacle[]): readonly Blocker[] {
  const byPid = new Map<number, Blocker>();
  for (const { held, holders } of obstacles) {
    const what = held.kind === 'lease' ? leaseText(held) : pagesText(held.left, bytesLeft(held));
    for (const holding of holders) {
      const task = taskRef(holding.task);
      const holds = `${what}: ${holdersText(held, [holding])}`;
      if (!byPid.has(task.pid)) byPid.set(task.pid, { task, holds });
    }
  }
  return [...byPid.values()].sort((one, other) => one.task.pid - other.task.pid);
}

function bytesLeft(pin: { readonly bytes: number; readonly left: number; readonly taken: number }): number {
  return Math.round((pin.bytes * pin.left) / Math.max(1, pin.taken));
}
