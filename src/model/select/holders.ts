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
  TaskRef,
  Wait,
} from '../answer.ts';
import { blockersOf } from '../blockers.ts';
import { judgeHeld } from '../certainty.ts';
import { waitedNs } from '../findings/blocked-operation.ts';
import { type Holding, handOversOf, holdersOf, inFlight } from '../holding.ts';
import type { HandOverRecord, Lease, Model, OperationRecord, Pin, Task, WaitRecord } from '../state.ts';
import { pinObject } from '../wording.ts';

function taskRef(task: Task): TaskRef {
  const { pid, comm, exited } = task;
  return exited === null ? { pid, comm, alive: true } : { pid, comm, alive: false, exited_ns: exited };
}

/** A lease or a pin as a holder; of one that has ended, those who held it last. */
export function holderOf(model: Model, held: Lease | Pin): Holder {
  return held.kind === 'lease' ? leaseHolder(model, held) : pinHolder(model, held);
}

function leaseState(lease: Lease): LeaseState {
  const { type, since, ended, endedBy, breaking } = lease;
  const common = { type, class: lease.class, since_ns: since };
  if (ended !== null) return { ...common, state: 'ended', ended_by: endedBy ?? 'unknown', ended_ns: ended };
  return { ...common, state: breaking === null ? 'active' : 'breaking' };
}

function leaseHolder(model: Model, lease: Lease): LeaseHolder {
  return { kind: 'lease', ...commonOf(model, lease), lease: leaseState(lease) };
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
    lease: pin.lease === null ? null : leaseState(pin.lease),
    ...freedBy(pin),
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
    taken_by: taskRef(held.taker),
    held_by: holdersOf(held).map(heldBy),
    hand_overs: handOversOf(held).map(handOver),
    in_flight: inFlight(held),
    since_ns: held.since,
    ...endedAt(held.ended),
    origin: 'observed',
    certainty,
    reasons,
  } as const;
}

function endedAt(ended: BootNs | null): { readonly ended_ns?: number } {
  return ended === null ? {} : { ended_ns: ended };
}

function heldBy({ task, fds, how, from, since }: Holding): HeldBy {
  return { ...taskRef(task), fds, how, from: from?.pid ?? null, since_ns: since };
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
  };
}
