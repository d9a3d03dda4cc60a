/** What the views say in words beyond those that they share with answers and reports (src/model/wording.ts). */
import { errnoName, formatCount } from '../src/base/text.ts';
import { formatDuration } from '../src/base/time.ts';
import type {
  HandOver,
  HandOverHow,
  HeldBy,
  Holder,
  Operation,
  Target,
  TaskRef,
} from '../src/model/answer.ts';
import { arrivalText, fdsText, keptText, leaseText, taskName } from '../src/model/wording.ts';

/** A length of time that grows while one looks: to a tenth of a second, so that it does not jump about. */
export function formatAge(ns: number): string {
  const tenths = Math.round(Math.max(0, ns) / 1e8);
  return tenths >= 10 && tenths < 600 ? `${(tenths / 10).toFixed(1)} s` : formatDuration(ns);
}

/** The path, or what stands for it where no name was seen. */
export function namePath(target: Pick<Target, 'path' | 'dev' | 'ino'>): string {
  return target.path ?? `(no name seen) ${target.dev}:${target.ino}`;
}

/** What an operation returned: `0`, `fd 5`, `EAGAIN`. */
export function nameResult(operation: Pick<Operation, 'op' | 'result'>): string {
  const { op, result } = operation;
  if (result === null) return 'no result yet';
  if (result >= 0) return op === 'open' ? `fd ${result}` : String(result);
  // ERESTARTSYS and its kin never reach user space (include/linux/errno.h): a signal ended the sleep.
  return result <= -512 && result >= -516 ? 'interrupted by a signal' : errnoName(result);
}

/** How a process came to an object: `received over SCM_RIGHTS from rdma[405]`. */
export function describeArrival(how: HandOverHow, from: string | null): string {
  return from === null ? arrivalText(how) : `${arrivalText(how)} from ${from}`;
}

/** `uverbs fd 3`: what leads to the held object. */
export function describeFds(holder: Holder, fds: readonly number[]): string {
  return fdsText(holder.kind === 'pin' ? holder.via : null, fds);
}

/** `rdma[406] through uverbs fd 3`; or the queue, ring or mapping of a process that keeps the object. */
export function describeHand(holder: Holder, { through, fds }: HeldBy, name: string): string {
  return through === 'descriptor'
    ? `${name} through ${describeFds(holder, fds)}`
    : keptText(through, fds, name);
}

/** `exited 1.0 s ago`, or null while the process lives. */
export function describeExit(task: TaskRef, nowNs: number): string | null {
  if (task.alive) return null;
  return task.exited_ns === undefined ? 'is gone' : `exited ${formatAge(nowNs - task.exited_ns)} ago`;
}

/** The processes that took or hold it. */
export function tasksOf({ taken_by, held_by }: Holder): readonly TaskRef[] {
  return taken_by === null ? held_by : [taken_by, ...held_by];
}

/** The processes that hold now; where none of them lives, those that held last; the one that took it where no other is known. */
export function currentHolders({ held_by, taken_by }: Holder): readonly (TaskRef | HeldBy)[] {
  const living = held_by.filter((task) => task.alive);
  if (living.length > 0) return living;
  if (held_by.length > 0) return held_by;
  return taken_by === null ? [] : [taken_by];
}

/** A holder in a table cell: `rdma[406] rdma-mr 256 pg`. */
export function summarizeHolder(holder: Holder): string {
  const who =
    holder.in_flight && !holder.held_by.some((task) => task.alive) ? 'in a socket queue' : nameFirst(holder);
  if (holder.kind === 'pin') return `${who} ${holder.via} ${formatCount(holder.pages)} pg`;
  // The state comes first: a narrow cell cuts the end.
  return `${who} ${holder.lease.state === 'breaking' ? 'breaking ' : ''}${leaseText(holder.lease)}`;
}

function nameFirst(holder: Holder): string {
  const [first, ...others] = currentHolders(holder);
  const name = first === undefined ? 'nobody found' : taskName(first);
  return others.length === 0 ? name : `${name}+${others.length}`;
}

/** `rdma[405] ─scm_rights→ rdma[406]` as words to be joined: the arrow with its target. */
export function describeHandOver(hand: HandOver): string {
  const target = hand.to === null ? '(in a socket queue)' : taskName(hand.to);
  return `─${hand.how}→ ${target}`;
}
