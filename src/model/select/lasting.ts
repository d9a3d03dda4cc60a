/**
 * What lasts for a time (leases, pins, operations), with the hands that it went through: for exports, which draw it.
 * See ended.ts for long traces, of which the model remembers only the latest part.
 */
import type { HandOverHow, Holder, Operation, Target, TaskRef } from '../answer.ts';
import { filesOf } from '../holding.ts';
import { generationsOf } from '../inodes.ts';
import { targetOf } from '../names.ts';
import type { HandOverRecord, Hold, Lease, Model, OperationRecord, Pin } from '../state.ts';
import { holderOf, operationOf } from './holders.ts';
import { isAnswerable } from './target.ts';
import { taskRef } from './tasks.ts';

/** A process that had the object behind a lease or pin in its descriptor table, within the life of that. */
export interface Hand extends TaskRef {
  readonly fds: readonly number[];
  readonly how: HandOverHow;
  readonly from: number | null;
  readonly since_ns: number;
  /** Null: it still has it. */
  readonly until_ns: number | null;
}

/** An object went from one process to another; `to` is null while, or if ever since, it lies in a socket's queue. */
export interface Passage {
  readonly how: HandOverHow;
  readonly from: TaskRef | null;
  readonly to: TaskRef | null;
  readonly sent_ns: number;
  readonly at_ns: number;
  readonly fds: readonly number[];
}

export interface LastingHolder {
  readonly kind: 'holder';
  readonly target: Target;
  readonly holder: Holder;
  readonly hands: readonly Hand[];
  readonly passages: readonly Passage[];
}

export interface LastingOperation {
  readonly kind: 'operation';
  readonly target: Target;
  readonly operation: Operation;
  /** The thread that called. */
  readonly tid: number;
}

export type Lasting = LastingHolder | LastingOperation;

/** All that is remembered, by file in the order in which they were first seen, then by start. */
export function lastingOf(model: Model): readonly Lasting[] {
  return [...model.inodes.values()]
    .flatMap(generationsOf)
    .filter(isAnswerable)
    .sort((one, other) => one.since - other.since)
    .flatMap((inode) => {
      const all = [...inode.past, ...inode.leases, ...inode.pins, ...inode.operations];
      return all
        .filter((each) => each.kind === 'lease' || each.kind === 'pin' || each.kind === 'operation')
        .sort((one, other) => startOf(one) - startOf(other))
        .map((each) => lastingFrom(model, each));
    });
}

/** One of them, as of now. */
export function lastingFrom(model: Model, entity: Lease | Pin | OperationRecord): Lasting {
  const target = targetOf(model, entity.inode);
  if (entity.kind === 'operation') {
    return { kind: 'operation', target, operation: operationOf(model, entity), tid: entity.tid };
  }
  return {
    kind: 'holder',
    target,
    holder: holderOf(model, entity),
    hands: handsOf(entity),
    passages: passagesOf(entity).map(passageFrom),
  };
}

/** The ways of the files behind it, oldest first. */
export function passagesOf(held: Lease | Pin): readonly HandOverRecord[] {
  return filesOf(held)
    .flatMap((file) => file.handOvers)
    .filter(({ how, to }) => to !== null || how === 'scm_rights')
    .sort((one, other) => one.sent - other.sent);
}

export function passageFrom({ how, from, to, sent, at, fds }: HandOverRecord): Passage {
  return {
    how,
    from: from === null ? null : taskRef(from),
    to: to === null ? null : taskRef(to),
    sent_ns: sent,
    at_ns: at,
    fds,
  };
}

function handsOf(held: Lease | Pin): readonly Hand[] {
  const until = held.ended ?? Number.POSITIVE_INFINITY;
  return filesOf(held)
    .flatMap((file) => [...file.past, ...file.held])
    .filter((hold) => hold.since <= until && (hold.until ?? until) >= held.since)
    .sort((one, other) => one.since - other.since)
    .map((hold) => handOf(hold, held));
}

function handOf({ task, fds, how, from, since, until }: Hold, held: Lease | Pin): Hand {
  const let_go = until === null || (held.ended !== null && until > held.ended) ? held.ended : until;
  return {
    ...taskRef(task),
    fds,
    how,
    from: from?.pid ?? null,
    since_ns: Math.max(since, held.since),
    until_ns: let_go,
  };
}

function startOf(entity: Lease | Pin | OperationRecord): number {
  return entity.kind === 'operation' ? entity.started : entity.since;
}
