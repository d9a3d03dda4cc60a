/**
 * Who holds what: the processes through whose descriptors an open file, a lease or a pin is alive, now or at an
 * earlier moment. Pure questions to the state; the one place where "holder" is decided.
 */

import { NS_PER_S } from '../base/time.ts';
import type { BootNs } from '../event/event.ts';
import type { HandOverHow } from './answer.ts';
import { isInFlight } from './descriptors.ts';
import { holdOf } from './holds.ts';
import type { HandOverRecord, Hold, Lease, OpenFile, Pin, Task } from './state.ts';

/** One process and the descriptors through which it holds. */
export interface Holding {
  readonly task: Task;
  readonly fds: readonly number[];
  readonly how: HandOverHow;
  readonly from: Task | null;
  readonly since: BootNs;
  /** What is known about how it came there; empty for a holder that only follows from who took it. */
  readonly holds: readonly Hold[];
}

/** Both ends of one process's descriptors close within this time. */
const ONE_CLOSING_NS = NS_PER_S;

/** Whether a process has a descriptor of this open file now. */
export function holdsFile(task: Task, file: OpenFile): boolean {
  return task.exited === null && holdOf(file, task.table) !== undefined;
}

/** The open files that keep a pin alive, closed ones included. */
export function filesOfPin(pin: Pin): readonly OpenFile[] {
  return pin.anchor?.files ?? [];
}

export function filesOf(held: Lease | Pin): readonly OpenFile[] {
  return held.kind === 'lease' ? [held.file] : filesOfPin(held);
}

/** A lease that no descriptor holds: nfsd's delegations and layouts. */
export function isKernelLease(lease: Lease): boolean {
  return lease.fd < 0;
}

/** The processes that hold it now; of one that has ended, those that held it last. */
export function holdersOf(held: Lease | Pin): readonly Holding[] {
  return holdersWhen(held, held.ended);
}

/** The processes that held it at a moment; null is now. */
export function holdersWhen(held: Lease | Pin, at: BootNs | null): readonly Holding[] {
  const files = filesOf(held);
  const isWithoutDescriptor = held.kind === 'lease' ? isKernelLease(held) : files.length === 0;
  if (isWithoutDescriptor) return isAliveAt(held.taker, at) ? [byTaking(held)] : [];
  const found = at === null ? heldNow(files) : heldAt(files, at);
  return mergeByTask(found.length > 0 || at === null ? found : heldLast(files, at));
}

/** The files that sit in a socket's queue. */
export function inFlight(held: Lease | Pin): boolean {
  return held.ended === null && filesOf(held).some(isInFlight);
}

/** The way of an object from hand to hand, oldest first. Several files sent in one message are one step. */
export function handOversOf(held: Lease | Pin): readonly HandOverRecord[] {
  const steps: HandOverRecord[] = [];
  const all = filesOf(held).flatMap((file) => file.handOvers);
  for (const record of all.sort((one, other) => one.at - other.at || one.sent - other.sent)) {
    const isSame = (each: HandOverRecord) =>
      each.how === record.how &&
      each.from === record.from &&
      each.to === record.to &&
      each.dropped === record.dropped &&
      record.at - each.at < ONE_CLOSING_NS / 20;
    if (!steps.some(isSame)) steps.push(record);
  }
  return steps;
}

interface Share {
  readonly task: Task;
  readonly hold: Hold;
}

function heldNow(files: readonly OpenFile[]): Share[] {
  return files.flatMap((file) => file.held.flatMap(usersOf));
}

function usersOf(hold: Hold): Share[] {
  const shares: Share[] = [];
  for (const task of hold.table.users) if (task.exited === null) shares.push({ task, hold });
  return shares;
}

function heldAt(files: readonly OpenFile[], at: BootNs): Share[] {
  return files.flatMap((file) => [
    ...file.past
      .filter((hold) => hold.since <= at && hold.until !== null && hold.until > at)
      .map((hold) => ({ task: hold.task, hold })),
    ...file.held
      .filter((hold) => hold.since <= at)
      .flatMap((hold) => [...hold.table.users].map((task) => ({ task, hold }))),
  ]);
}

/** Nobody held it any more: the process that let go last. */
function heldLast(files: readonly OpenFile[], at: BootNs): Share[] {
  const past = files.flatMap((file) => file.past).filter((hold) => (hold.until ?? at) <= at);
  const last = past.reduce<Hold | null>(
    (latest, hold) => ((hold.until ?? 0) >= (latest?.until ?? 0) ? hold : latest),
    null,
  );
  if (last === null) return [];
  const closing = (last.until ?? at) - ONE_CLOSING_NS;
  return past
    .filter((hold) => hold.table === last.table && (hold.until ?? at) >= closing)
    .map((hold) => ({ task: hold.task, hold }));
}

function mergeByTask(shares: readonly Share[]): Holding[] {
  const byTask = new Map<Task, Holding>();
  for (const { task, hold } of shares) {
    const known = byTask.get(task);
    const isFirstHand = task === hold.task;
    const mine: Holding = {
      task,
      fds: hold.fds,
      how: isFirstHand ? hold.how : 'fork',
      from: isFirstHand ? hold.from : hold.task,
      since: hold.since,
      holds: [hold],
    };
    if (known === undefined) {
      byTask.set(task, mine);
      continue;
    }
    const earlier = known.since <= mine.since ? known : mine;
    const fds = [...new Set([...known.fds, ...mine.fds])].sort((one, other) => one - other);
    byTask.set(task, { ...earlier, fds, holds: [...known.holds, hold] });
  }
  return [...byTask.values()].sort((one, other) => one.since - other.since || one.task.pid - other.task.pid);
}

function byTaking(held: Lease | Pin): Holding {
  return { task: held.taker, fds: [], how: 'open', from: null, since: held.since, holds: [] };
}

function isAliveAt(task: Task, at: BootNs | null): boolean {
  if (task.exited === null) return true;
  return at !== null && at <= task.exited;
}
