/**
 * From leases and pins to holders as answers tell them: who took it, who holds it, how it came there, how sure that is.
 */

import { nsToMs } from '../../base/time.ts';
import type { BootNs } from '../../event/event.ts';
import type {
  HandOver,
  HeldBy,
  Holder,
  LeaseHolder,
  LeaseState,
  Operation,
  PinHolder,
  Wait,
} from '../answer.ts';
import { blockersOf } from '../blockers.ts';
import { judgeHeld } from '../certainty.ts';
import { waitedNs } from '../findings/blocked-operation.ts';
import { type Holding, handOversOf, holdersOf, inFlight, letGoBefore } from '../holding.ts';
import { combine, type Judgement, unknown } from '../judgement.ts';
import type { HandOverRecord, Lease, Model, OperationRecord, Pin, WaitRecord } from '../state.ts';
import { pinObject } from '../wording.ts';
import { evidenceOf, evidenceOfWait } from './evidence.ts';
import { stopsTruncate } from './rank.ts';
import { taskRef } from './tasks.ts';

/** A pin that may be of the file that is asked about: of which file it was, nothing tells any more. */
export function possibleHolder(model: Model, pin: Pin): Holder {
  const { certainty, reasons } = judgePossibleHolder(model, pin);
  return { ...pinHolder(model, pin), certainty, reasons };
}

/** Its own judgement, and that it may be another file's. */
export function judgePossibleHolder(model: Model, pin: Pin): Judgement {
  return combine(
    unknown("these pages belong to no file any more: they may have been this file's"),
    judgeHeld(model, pin),
  );
}

/** A lease or a pin as a holder; of one that has ended, those who held it last. */
export function holderOf(model: Model, held: Lease | Pin): Holder {
  return held.kind === 'lease' ? leaseHolder(model, held) : pinHolder(model, held);
}

function leaseState(model: Model, lease: Lease): LeaseState {
  const { type, since, ended, endedBy, breaking, deadline } = lease;
  const client = lease.client === null ? {} : { client: lease.client };
  const common = { type, class: lease.class, ...client, since_ns: since };
  if (ended !== null) return { ...common, state: 'ended', ended_by: endedBy ?? 'unknown', ended_ns: ended };
  if (breaking === null) return { ...common, state: 'active' };
  const left = deadline === null ? {} : { left_ms: Math.max(0, nsToMs(deadline - model.coverage.now)) };
  return { ...common, state: 'breaking', ...left };
}

function leaseHolder(model: Model, lease: Lease): LeaseHolder {
  return { kind: 'lease', ...commonOf(model, lease), lease: leaseState(model, lease) };
}

/** Pages and bytes are those still held; of an ended pin, all that it held. */
function pinHolder(model: Model, pin: Pin): PinHolder {
  const isWhole = pin.ended !== null || pin.left === pin.taken;
  return {
    kind: 'pin',
    ...commonOf(model, pin),
    via: pin.via,
    pages: isWhole ? pin.taken : pin.left,
    bytes: isWhole ? pin.bytes : Math.round((pin.bytes * pin.left) / pin.taken),
    longterm: pin.longterm,
    write: pin.write,
    object: pinObject(pin.via, pin.device),
    lease: pin.lease === null ? null : leaseState(model, pin.lease),
    ...freedBy(pin),
    ...(pin.orphan ? { orphan: true } : {}),
  };
}

function freedBy(pin: Pin): Pick<PinHolder, 'freed_by'> {
  if (pin.freed === null) return {};
  const { by, at } = pin.freed;
  return { freed_by: { op: by.op, pid: by.task.pid, comm: by.comm, at_ns: at } };
}

function commonOf(model: Model, held: Lease | Pin) {
  const { certainty, reasons } = judgeHeld(model, held);
  return {
    taken_by: held.taker === null ? null : taskRef(held.taker),
    held_by: holdersOf(held).map((holding) => heldBy(held, holding)),
    hand_overs: handOversOf(held).map(handOver),
    in_flight: inFlight(held),
    since_ns: held.since,
    ...endedAt(held.ended),
    origin: held.origin,
    evidence: evidenceOf(model, held),
    certainty,
    reasons,
    stops_truncate: stopsTruncate(held),
  } as const;
}

function endedAt(ended: BootNs | null): { readonly ended_ns?: number } {
  return ended === null ? {} : { ended_ns: ended };
}

function heldBy(held: Lease | Pin, holding: Holding): HeldBy {
  const { task, fds, through, how, from, since } = holding;
  const until = letGoBefore(held, holding);
  const ended = until === null ? {} : { until_ns: until };
  return { ...taskRef(task), fds, through, how, from: from?.pid ?? null, since_ns: since, ...ended };
}

function handOver({ how, from, to, at, dropped }: HandOverRecord): HandOver {
  return {
    how,
    from: from === null ? null : taskRef(from),
    to: to === null ? null : taskRef(to),
    at_ns: at,
    in_flight: to === null && !dropped,
  };
}

/** An operation as answers tell it. */
export function operationOf(model: Model, operation: OperationRecord): Operation {
  return {
    op: operation.op,
    pid: operation.task.pid,
    comm: operation.comm,
    state: stateOf(operation),
    result: operation.result,
    waited_ms: nsToMs(waitedNs(operation, model)),
    waits: operation.waits.map((wait) => waitOf(model, wait)),
    started_ns: operation.started,
    ...endedAt(operation.ended),
    detail: operation.detail,
    evidence: evidenceOfWait(model, operation),
  };
}

/** A call that ended without its result being seen is `unknown`, unless no row tells results of such calls. */
function stateOf(operation: OperationRecord): Operation['state'] {
  if (operation.ended === null) return operation.waits.at(-1)?.ended === null ? 'waiting' : 'running';
  return operation.result === null && !operation.implied ? 'unknown' : 'done';
}

function waitOf(model: Model, wait: WaitRecord): Wait {
  return {
    on: wait.on,
    ms: nsToMs((wait.ended ?? model.coverage.now) - wait.since),
    since_ns: wait.since,
    ...endedAt(wait.ended),
    blockers: blockersOf(wait).map((task) => task.pid),
    ...(wait.idle === null ? {} : { idle: true }),
  };
}
