/**
 * Who holds the file: what whopins says of its leases and pins, compared with the rows of the processes that took them,
 * received them and let them go. Processes, pages, bytes and descriptors must be equal.
 */
import type {
  HeldBy,
  Holder,
  LeaseHolder,
  LeaseState,
  OperationName,
  PinHolder,
  WhoAnswer,
} from '../../src/model/answer.ts';
import type { TruthRow } from '../lab/story.ts';
import { differ, differInTime } from './difference.ts';
import { numberIn, numbersIn, textIn } from './truth.ts';

/** One process that holds an object, or held it to the end. */
export type ExpectedHand = Pick<HeldBy, 'pid' | 'comm' | 'how' | 'from'> & {
  readonly fds: readonly number[];
};

type ExpectedLeaseState = Pick<LeaseState, 'type' | 'class' | 'state'> & {
  readonly endedBy: LeaseState['ended_by'];
};

interface ExpectedHold {
  /** The row of the process that took it. */
  readonly taken: TruthRow;
  readonly endedNs: number;
  /** The last hands it was in; left out where no descriptor leads to it. */
  readonly heldBy?: readonly ExpectedHand[];
}

export interface ExpectedPin extends ExpectedHold {
  readonly kind: 'pin';
  /** How the write lease of the process that pinned ended; null if it had no lease. */
  readonly leaseEndedBy: LeaseState['ended_by'] | null;
  readonly freedBy: { readonly op: OperationName; readonly pid: number } | null;
}

export interface ExpectedLease extends ExpectedHold {
  readonly kind: 'lease';
  readonly endedBy: LeaseState['ended_by'];
}

export type ExpectedHolder = ExpectedPin | ExpectedLease;

/** The hand that a row 'fds-received' tells of. */
export function receiver(received: TruthRow): ExpectedHand {
  const how = textIn(received, 'how') === 'pidfd_getfd' ? 'pidfd_getfd' : 'scm_rights';
  const fds = [...numbersIn(received, 'fds')].sort(byNumber);
  return { pid: received.pid, comm: textIn(received, 'comm'), fds, how, from: numberIn(received, 'from') };
}

/** The hand that a row 'forked' tells of: the child, with the same descriptors as its parent. */
export function child(forked: TruthRow): ExpectedHand {
  const fds = 'fds' in forked ? [...numbersIn(forked, 'fds')].sort(byNumber) : [numberIn(forked, 'fd')];
  return { pid: numberIn(forked, 'child'), comm: textIn(forked, 'comm'), fds, how: 'fork', from: forked.pid };
}

/** The hand of the process that made the object itself. */
export function maker(pinned: TruthRow): ExpectedHand {
  const fds = [...numbersIn(pinned, 'fds')].sort(byNumber);
  return { pid: pinned.pid, comm: textIn(pinned, 'comm'), fds, how: 'open', from: null };
}

/** The file's holders, ended ones included, must be these and no others, in the order in which they took hold. */
export function agreeOnHolders(file: WhoAnswer, expected: readonly ExpectedHolder[]): string[] {
  const said = [...file.holders].sort((one, other) => one.since_ns - other.since_ns);
  const counts = differ(
    'holders',
    said.map((holder) => holder.kind),
    expected.map((holder) => holder.kind),
  );
  if (counts.length > 0) return counts;
  return expected.flatMap((wanted, i) => {
    const holder = said[i];
    if (holder?.kind === 'pin' && wanted.kind === 'pin') return agreeOnPin(holder, wanted);
    if (holder?.kind === 'lease' && wanted.kind === 'lease') return agreeOnLease(holder, wanted);
    return [];
  });
}

export type ExpectedWalkedPin = Pick<ExpectedPin, 'taken' | 'endedNs' | 'heldBy'>;

/** The same when tracing began late: the walk finds what is pinned and in whose hands, not how it came to that. */
export function agreeOnWalkedPin(file: WhoAnswer, { taken, endedNs, heldBy }: ExpectedWalkedPin): string[] {
  const pins = file.holders.filter((holder) => holder.kind === 'pin');
  const [pin] = pins;
  if (pin === undefined || pins.length > 1) return differ('number of pins', pins.length, 1);
  return [
    ...agreeOnPages(pin, taken),
    ...(heldBy === undefined
      ? []
      : differ('pin: held by', pin.held_by.map(handlesOf), heldBy.map(handlesOf))),
    ...differ('pin: origin', pin.origin, 'snapshot'),
    ...(pin.via === 'vmsplice'
      ? agreeOnPipeEnd(pin, endedNs)
      : [
          // what a mapping keeps is known as of the walk alone
          ...(pin.held_by.some(({ through }) => through === 'mapping') && pin.certainty === 'likely'
            ? []
            : differ('pin: certainty', pin.certainty, 'definite')),
          ...differInTime('pin: ended', pin.ended_ns ?? null, endedNs),
        ]),
  ];
}

/** No hook tells when a pipe that was filled before the trace lets go of its pages: its last close is all that is seen. */
function agreeOnPipeEnd(pin: PinHolder, releasedNs: number): string[] {
  const ended = pin.ended_ns ?? null;
  if (ended !== null && ended >= releasedNs - TOLD_AFTER_NS && ended <= releasedNs + LAST_CLOSE_NS) {
    return pin.certainty === 'unknown' ? differ('pin: certainty', pin.certainty, 'likely') : [];
  }
  return [`pin: ended: whopins says ${ended ?? 'never'}, the pages were released at ${releasedNs} ns`];
}

/** A workload tells what it did a moment after the kernel did it. */
const TOLD_AFTER_NS = 250_000_000;
/** Holders go a second after they let go of the pages. */
const LAST_CLOSE_NS = 2_000_000_000;

function agreeOnPin(pin: PinHolder, expected: ExpectedPin): string[] {
  const freed = pin.freed_by === undefined ? null : { op: pin.freed_by.op, pid: pin.freed_by.pid };
  const lease = pin.lease === null ? null : stateOf(pin.lease);
  return [
    ...agreeOnHold('pin', pin, expected),
    ...agreeOnPages(pin, expected.taken),
    ...differ('pin: in flight', pin.in_flight, false),
    ...differ(
      'pin: lease',
      lease,
      expected.leaseEndedBy === null ? null : ended('write', expected.leaseEndedBy),
    ),
    ...differ('pin: freed by', freed, expected.freedBy),
  ];
}

/** What is pinned, and how. */
export function agreeOnPages(pin: PinHolder, taken: TruthRow): string[] {
  return [
    ...differ('pin: via', pin.via, textIn(taken, 'via')),
    ...differ('pin: pages', pin.pages, numberIn(taken, 'pages')),
    ...differ('pin: bytes', pin.bytes, numberIn(taken, 'bytes')),
    ...differ('pin: long-term', pin.longterm, numberIn(taken, 'longterm') === 1),
  ];
}

function agreeOnLease(lease: LeaseHolder, expected: ExpectedLease): string[] {
  const type = textIn(expected.taken, 'type') === 'write' ? 'write' : 'read';
  return [
    ...agreeOnHold('lease', lease, expected),
    ...differ('lease: state', stateOf(lease.lease), ended(type, expected.endedBy)),
  ];
}

function agreeOnHold(what: string, holder: Holder, { taken, endedNs, heldBy }: ExpectedHold): string[] {
  const taker = holder.taken_by === null ? null : { pid: holder.taken_by.pid, comm: holder.taken_by.comm };
  const hands = holder.held_by.map(handOf).sort(byPid);
  return [
    ...differ(`${what}: taken by`, taker, { pid: taken.pid, comm: textIn(taken, 'comm') }),
    ...differ(`${what}: certainty`, holder.certainty, 'definite'),
    ...differ(`${what}: origin`, holder.origin, 'observed'),
    ...(heldBy === undefined ? [] : differ(`${what}: held by`, hands, [...heldBy].sort(byPid))),
    ...differInTime(`${what}: taken`, holder.since_ns, taken.t_ns),
    ...differInTime(`${what}: ended`, holder.ended_ns ?? null, endedNs),
  ];
}

function handOf({ pid, comm, fds, how, from }: HeldBy): ExpectedHand {
  return { pid, comm, fds: [...fds].sort(byNumber), how, from };
}

function handlesOf({ pid, comm, fds }: Pick<HeldBy, 'pid' | 'comm' | 'fds'>) {
  return { pid, comm, fds: [...fds].sort(byNumber) };
}

function stateOf(lease: LeaseState): ExpectedLeaseState {
  return { type: lease.type, class: lease.class, state: lease.state, endedBy: lease.ended_by };
}

function ended(type: 'read' | 'write', endedBy: LeaseState['ended_by']): ExpectedLeaseState {
  return { type, class: 'lease', state: 'ended', endedBy };
}

const byNumber = (one: number, other: number): number => one - other;
const byPid = (one: ExpectedHand, other: ExpectedHand): number => one.pid - other.pid;
