/**
 * How far an answer can be trusted, and why no further.
 *
 * `definite`: every row that bears on it was seen. `likely`: it follows from rows, but some may be missing, or it
 * rests on what was there before tracing began. `unknown`: the rows do not say. Each step down carries its reason.
 */
import { cleanName, formatCount, plural } from '../base/text.ts';
import type { BootNs } from '../event/event.ts';
import type { RowKind } from '../event/schema.ts';
import type { Certainty } from './answer.ts';
import { startOf, WALK_ROWS } from './coverage.ts';
import {
  filesOf,
  type Holding,
  holdersOf,
  inFlight,
  isKernelLease,
  mayHaveOthers,
  wasWalked,
} from './holding.ts';
import { earlierOf, latestOf } from './moments.ts';
import type { Hold, Lease, Loss, Model, OpenFile, Pin, Sighting, Task } from './state.ts';
import { isWalkAlone, seesDescriptors } from './traced.ts';
import { fdKind, offset, pinObject, taskName, viaOf } from './wording.ts';

export interface Judgement {
  readonly certainty: Certainty;
  readonly reasons: readonly string[];
}

export const DEFINITE: Judgement = { certainty: 'definite', reasons: [] };

export function likely(reason: string): Judgement {
  return { certainty: 'likely', reasons: [reason] };
}

export function unknown(reason: string): Judgement {
  return { certainty: 'unknown', reasons: [reason] };
}

const ORDER: readonly Certainty[] = ['definite', 'likely', 'unknown'];

/** The least certain of them, with all their reasons. */
export function combine(...judgements: readonly Judgement[]): Judgement {
  let worst = 0;
  const reasons = new Set<string>();
  for (const judgement of judgements) {
    worst = Math.max(worst, ORDER.indexOf(judgement.certainty));
    for (const reason of judgement.reasons) reasons.add(reason);
  }
  return { certainty: ORDER[worst] ?? 'unknown', reasons: [...reasons] };
}

type Kinds = ReadonlySet<string>;

function kinds(...list: readonly RowKind[]): Kinds {
  return new Set(list);
}

/** Rows that tell who holds something. */
export const HOLDER_KINDS = kinds(
  'task.forked',
  'task.executed',
  'task.exited',
  'fd.installed',
  'fd.closed',
  'fd.sent',
  'fd.discarded',
  'file.finalClosed',
  'inode.evicted',
  'lease.added',
  'lease.changed',
  'lease.released',
  'pin.taken',
  'pin.dropped',
);

/** Rows that tell which leases there are. */
const LEASE_KINDS = kinds('lease.added', 'lease.changed', 'lease.released');

/** Rows that tell whose pages a call took from their file. */
const FREEING_KINDS = kinds(
  'truncate.began',
  'truncate.ended',
  'hole.began',
  'hole.ended',
  'open.ended',
  'wait.began',
  'wait.ended',
);

/** Rows without which an answer about a file still holds: names and refusals. */
const HARMLESS_KINDS = kinds(
  'hello',
  'beat',
  'bye',
  'inode.named',
  'lease.refused',
  'pin.refused',
  'pin.counted',
  'lease.signalled',
);

/** Loss between two moments of rows that matter: any kind but the harmless ones, or those of `relevant`. */
export function judgeLoss(model: Model, from: BootNs, to: BootNs, relevant: Kinds | null = null): Judgement {
  const { coverage } = model;
  const matters = (loss: Loss) =>
    loss.from <= to &&
    loss.to >= from &&
    (loss.kind === null ||
      loss.kind === WALK_ROWS ||
      (relevant === null ? !HARMLESS_KINDS.has(loss.kind) : relevant.has(loss.kind)));
  const losses = coverage.losses.filter(matters);
  const reasons = losses.slice(0, 3).map((loss) => lossText(model, loss));
  if (losses.length > 3) reasons.push(`rows were lost at ${losses.length - 3} other times`);
  if (coverage.forgotten > 0) {
    reasons.push(`${plural(coverage.forgotten, 'live object')} forgotten to stay within memory`);
  }
  return reasons.length === 0 ? DEFINITE : { certainty: 'likely', reasons };
}

function lossText(model: Model, loss: Loss): string {
  const what =
    loss.kind === null ? 'of unknown kind' : loss.kind === WALK_ROWS ? 'of a walk' : `'${loss.kind}'`;
  const rows = plural(loss.rows, 'row');
  return `${rows} ${what} lost between ${offset(model, loss.from)} and ${offset(model, loss.to)}`;
}

/** What a walk shows means something only together with all its other rows. */
export const UNFINISHED_WALK = likely('the walk was not finished: more may be there');

/** How certain it is who holds this lease or pin, or held it to its end. */
export function judgeHeld(model: Model, held: Lease | Pin): Judgement {
  const judgements: Judgement[] = [
    judgeLoss(model, firstMoment(held), held.ended ?? model.coverage.now, HOLDER_KINDS),
  ];
  if (model.walk.count > 0 && !model.walk.isFinished) judgements.push(UNFINISHED_WALK);
  if (held.presumed) judgements.push(likely('its end was not seen: it follows from what was'));
  judgements.push(judgeSource(held));
  if (held.kind === 'lease') judgements.push(judgeLeaseAlone(held));
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

function judgeLeaseAlone(lease: Lease): Judgement {
  return lease.seenTaken || lease.origin === 'snapshot'
    ? DEFINITE
    : likely('the lease was there before its first row');
}

function judgePinAlone(model: Model, pin: Pin): Judgement {
  const end = pin.ended ?? model.coverage.now;
  const judgements: Judgement[] = [
    judgeLoss(model, pin.since, end, FREEING_KINDS),
    // The lease of whoever pinned, or that it had none, belongs to the answer.
    judgeLoss(model, startOf(model), end, LEASE_KINDS),
    ...leasesBefore(pin).map((lease) => judgeLoss(model, lease.file.since, end, HOLDER_KINDS)),
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
