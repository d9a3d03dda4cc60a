/**
 * How certain it is who holds a lease or a pin: what was seen of it, of its descriptors and of what keeps them.
 */
import { cleanName, formatCount, plural } from '../base/text.ts';
import type { BootNs } from '../event/event.ts';
import { startOf } from './coverage.ts';
import {
  filesOf,
  type Holding,
  handOversOf,
  holdersOf,
  inFlight,
  isKernelLease,
  mayHaveOthers,
  wasWalked,
} from './holding.ts';
import { combine, DEFINITE, type Judgement, likely, unknown } from './judgement.ts';
import { BREAK_KINDS, FREEING_KINDS, HOLDER_KINDS, judgeLoss, LEASE_KINDS, ORIGIN_KINDS } from './loss.ts';
import { earlierOf, laterOf, latestOf } from './moments.ts';
import type { Hold, Inode, Lease, Model, OpenFile, Pin, Sighting, Task } from './state.ts';
import { isWalkAlone, seesDescriptors } from './traced.ts';
import { fdKind, offset, pinObject, taskName, viaOf } from './wording.ts';

/** What a walk shows means something only together with all its other rows. */
export const UNFINISHED_WALK = likely('the walk was not finished: more may be there');

/** How certain it is who holds this lease or pin, or held it to its end. */
export function judgeHeld(model: Model, held: Lease | Pin): Judgement {
  const end = lastMoment(model, held);
  const judgements: Judgement[] = [
    judgeLoss(model, firstMoment(held), end, HOLDER_KINDS, held),
    judgeLoss(model, startOf(model), end, ORIGIN_KINDS, held),
  ];
  if (model.walk.count > 0 && !model.walk.isFinished) judgements.push(UNFINISHED_WALK);
  judgements.push(judgeContradicted(model, held.inode, end));
  if (held.presumed) judgements.push(likely('its end was not seen: it follows from what was'));
  judgements.push(judgeSource(held));
  if (held.kind === 'lease') judgements.push(judgeLeaseAlone(model, held));
  else judgements.push(judgePinAlone(model, held));
  const isByDescriptor = held.kind === 'lease' ? !isKernelLease(held) : filesOf(held).length > 0;
  if (isByDescriptor) judgements.push(judgeDescriptors(model, held));
  return combine(...judgements);
}

/** What a walk has from elsewhere than the kernel's own object is less certain; its source says why. */
export function judgeSource({ origin, source }: Sighting): Judgement {
  return origin === 'snapshot' && source !== '' ? likely(cleanName(source)) : DEFINITE;
}

/** How certain it is that a process has no lease: one that is older than the trace may have taken it before. */
export function judgeAbsentLease(model: Model, task: Task): Judgement {
  if (task.born === null) {
    return likely(`a lease that ${taskName(task)} took before tracing began would not be seen`);
  }
  return judgeLoss(model, task.born, model.coverage.now, HOLDER_KINDS);
}

function judgeLeaseAlone(model: Model, lease: Lease): Judgement {
  const state = judgeLeaseState(model, lease);
  if (lease.seenTaken || lease.origin === 'snapshot') return state;
  return combine(state, likely('the lease was there before its first row'));
}

/** Whether it is being broken. */
function judgeLeaseState(model: Model, lease: Lease): Judgement {
  return judgeLoss(model, lease.since, lease.ended ?? model.coverage.now, BREAK_KINDS, lease);
}

function judgePinAlone(model: Model, pin: Pin): Judgement {
  const end = pin.ended ?? model.coverage.now;
  const judgements: Judgement[] = [
    judgeLoss(model, pin.since, end, FREEING_KINDS, pin),
    // The lease of whoever pinned, or that it had none, belongs to the answer.
    judgeLoss(model, startOf(model), end, LEASE_KINDS, pin),
    pin.lease === null ? DEFINITE : judgeLeaseState(model, pin.lease),
    ...leasesBefore(pin).map((lease) => judgeLoss(model, lease.file.since, end, HOLDER_KINDS, lease)),
  ];
  if (pin.unsure) judgements.push(likely('its pages do not add up: some releases were not seen'));
  if (pin.partial !== null) {
    const { seen, pages } = pin.partial;
    judgements.push(
      likely(
        `the walk looked at ${formatCount(seen)} of the ${plural(pages, 'page')} of its ${pinObject(pin.via, pin.device)}`,
      ),
    );
  }
  if (pin.via === 'vfio' && pin.origin === 'observed') {
    judgements.push(
      likely('the VFIO groups and devices that keep it too are not traced: others may have one'),
    );
  }
  // The pages of direct I/O are its caller's until it ends: no descriptor has a part in it.
  if (filesOf(pin).length === 0 && (pin.via !== 'direct-io' || pin.object === 0)) {
    judgements.push(
      likely('no descriptor is known that keeps it: it is shown as held by the process that took it'),
    );
    if (pin.ended === null && holdersOf(pin).length === 0) {
      judgements.push(unknown('the process that took it is gone, and nothing is known that keeps it'));
    }
  }
  return combine(...judgements);
}

/** Rows about the file that contradict each other leave all that they tell of it in doubt. */
export function judgeContradicted(model: Model, { contradicted }: Inode, until: BootNs): Judgement {
  if (contradicted === null || contradicted > until) return DEFINITE;
  return likely(`the trace contradicts itself about this file at ${offset(model, contradicted)}`);
}

/** Leases on the same file that were there when the pages were pinned: whoever has such a lease's file pinned under it. */
function leasesBefore({ inode, since }: Pin): Lease[] {
  const all = [...inode.leases, ...[...inode.past].filter((each) => each.kind === 'lease')];
  return all.filter((lease) => lease.since <= since && (lease.ended === null || lease.ended >= since));
}

function judgeDescriptors(model: Model, held: Lease | Pin): Judgement {
  const kind = fdKind(viaOf(held)).replace(/ ?fd$/, '') || 'file';
  const judgements: Judgement[] = [];
  if (!isWalkAlone(model) && !seesDescriptors(model.header)) {
    judgements.push(likely('descriptors that are passed on are not traced on this kernel'));
  }
  if (filesOf(held).some((file) => mayHaveOthers(file, held.ended))) {
    judgements.push(likely(`the ${kind} may be older than the trace: other processes may have it too`));
  }
  if (handOversOf(held).some(({ ambiguous }) => ambiguous)) {
    judgements.push(likely('several processes may have handed it on: which of them did is not certain'));
  }
  const holders = holdersOf(held);
  for (const holding of holders) {
    const { task, holds } = holding;
    judgements.push(judgeKeepers(model, holding), ...holds.map(judgeSource));
    // Who has it is a fact, also where only a walk tells it; how it came there is then simply not known.
    const told = holding.through === 'descriptor' ? holds.filter((hold) => hold.origin === 'observed') : [];
    if (told.some((hold) => hold.how === 'unknown')) {
      judgements.push(likely(`how ${taskName(task)} came by it was not seen`));
    }
    const isFromQueue = (hold: Hold) => hold.how === 'scm_rights' && hold.from === null && !isWalked(held);
    if (told.some((hold) => hold.ambiguous || isFromQueue(hold))) {
      judgements.push(likely(`who handed it to ${taskName(task)} is not certain`));
    }
    if (holds.some((hold) => hold.unknownCloses > 0)) {
      judgements.push(likely(`${taskName(task)} closed a descriptor of it whose number was not seen`));
    }
  }
  if (holders.length === 0 && !inFlight(held)) judgements.push(judgeUnheld(model, held));
  return combine(...judgements);
}

/** A reference that waited in a queue when a walk looked was sent by somebody that nobody saw. */
function isWalked(held: Lease | Pin): boolean {
  return filesOf(held).some((file) => wasWalked(file, held.ended));
}

/** What sits in a ring or behind a mapping may leave it without a row: while tracing goes on, a walk's word ages. */
function judgeKeepers(model: Model, { keepers }: Holding): Judgement {
  const sources = keepers.map(judgeSource);
  const ages = !isWalkAlone(model) && keepers.some(({ how }) => how !== 'socket-queue');
  const old = likely(
    `that a ring or mapping keeps it is as of the walk at ${offset(model, model.walk.at ?? NEVER)}`,
  );
  return combine(...sources, ages ? old : DEFINITE);
}

const NEVER = 0 as BootNs;

function judgeUnheld(model: Model, held: Lease | Pin): Judgement {
  if (held.ended !== null) return likely('who held it last was not seen');
  const closed = lastClose(filesOf(held));
  if (closed !== null) {
    return unknown(`its last file was closed at ${offset(model, closed)}, but its end was not seen`);
  }
  if (held.origin === 'snapshot') return unknown('the walk found no process that keeps it');
  return unknown('no descriptor of it is left that was seen: a mapping or an unseen duplicate keeps it');
}

/** When the last of the files was closed; null while one is open. */
function lastClose(files: readonly OpenFile[]): BootNs | null {
  const closes = files.flatMap(({ closed }) => (closed === null ? [] : [closed.at]));
  return closes.length === files.length ? latestOf(closes) : null;
}

/** From here on rows bear on who holds it: its files may have been shared before it was taken. */
function firstMoment(held: Lease | Pin): BootNs {
  return filesOf(held).reduce((first, file) => earlierOf(first, file.since), held.since);
}

/**
 * Until here rows bear on who holds it, or on the numbers under which it was held: those are the last known ones, and
 * a file may stay open when its lease has ended.
 */
function lastMoment({ coverage }: Model, held: Lease | Pin): BootNs {
  const { now } = coverage;
  if (held.ended === null) return now;
  return filesOf(held).reduce((last, file) => laterOf(last, file.closed?.at ?? now), held.ended);
}
