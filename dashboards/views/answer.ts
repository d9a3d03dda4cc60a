/**
 * The answer for one file: who holds it, through what, how it came to that, and what to let go of. The wording is
 * that of `whopins who`.
 */
import { formatDuration } from '../../src/base/time.ts';
import type { Holder, LeaseState, PinHolder, TaskRef, WhoAnswer } from '../../src/model/answer.ts';
import { type AlikeHolders, joinAlike } from '../../src/model/select/alike.ts';
import { amountText, leaseText, taskName } from '../../src/model/wording.ts';
import { type Line, labelled, type Style, span } from '../frame.ts';
import type { Reading } from '../scene.ts';
import { describeArrival, describeExit, describeHand, formatAge, namePath, tasksOf } from '../words.ts';

const LABEL_CELLS = 14;
const LOST_FILE = 'these pages belong to no file any more: it was cut or deleted under the pin';

/** A labelled block: file, holders, what follows from it, what to free, how certain that is. */
export function answerLines(answer: WhoAnswer, reading: Reading, width: number): readonly Line[] {
  const holders = joinAlike(answer.holders).flatMap((alike) => holderLines(alike, answer, reading, width));
  const looked = answer.walked_ns === null ? 'this trace saw' : 'was seen';
  const none = field('held by', `nobody, as far as ${looked}`, width);
  return [
    targetLine(answer),
    ...(holders.length > 0 ? holders : none),
    ...consequenceLines(answer, reading, width),
    ...answer.to_free.flatMap((step, index) => field(index === 0 ? 'to free' : '', step, width, 'strong')),
    ...certaintyLines(answer, reading, width),
  ];
}

function targetLine({ target }: WhoAnswer): Line {
  return [
    span(` ${namePath(target)}`, 'strong'),
    span(`   ${target.fs ?? 'unknown fs'} ${target.dev} inode ${target.ino}`, 'dim'),
  ];
}

/** One labelled fact of the block. */
export function field(name: string, text: string, width: number, style: Style = 'plain'): readonly Line[] {
  return labelled([span(`   ${name}`.padEnd(LABEL_CELLS), 'dim')], text, width, style);
}

function holderLines(
  { holder, count }: AlikeHolders,
  answer: WhoAnswer,
  reading: Reading,
  width: number,
): readonly Line[] {
  const lines =
    holder.kind === 'pin'
      ? pinLines(holder, count, reading, width)
      : leaseLines(holder.lease, holder, reading, width);
  return [...lines, ...heldByLines(holder, answer, reading, width)];
}

function pinLines(pin: PinHolder, count: number, reading: Reading, width: number): readonly Line[] {
  const term = pin.longterm ? 'long-term' : 'short-term';
  const what = `${amountText(pin, count)}, ${term}, ${pin.object}`;
  const taker = describeTaker(pin.taken_by, reading);
  return [
    ...field(pin.ended_ns === undefined ? 'pinned' : 'was pinned', what + describeEnd(pin, reading), width),
    ...field('pinned by', taker + describePinLease(pin), width),
    ...(pin.orphan === true ? field('but', LOST_FILE, width, 'warning') : []),
  ];
}

function describeTaker(task: TaskRef | null, reading: Reading): string {
  if (task === null) return 'a process that is not known';
  const exit = describeExit(task, reading.nowNs);
  return exit === null ? taskName(task) : `${taskName(task)}, which ${exit}`;
}

/** What became of the lease of the process that pinned; nothing where only a walk told of the pin. */
function describePinLease({ lease, taken_by, origin }: PinHolder): string {
  if (lease === null) return origin === 'snapshot' ? '' : '; it had no lease on the file';
  if (lease.state !== 'ended') return `; its ${lease.class} (${lease.type}) is ${lease.state}`;
  const isExit = lease.ended_by === 'close' && taken_by?.alive === false;
  return `; its ${lease.class} (${lease.type}) ended ${isExit ? 'when it exited' : nameLeaseEnd(lease)}`;
}

function nameLeaseEnd(lease: LeaseState): string {
  switch (lease.ended_by) {
    case 'unlock':
      return 'by unlock';
    case 'close':
      return 'with the last close';
    case 'timeout':
      return 'when the kernel took it away: the break was not answered in time';
    case 'manager':
      return 'by its lease manager';
    default:
      return 'in a way that was not seen';
  }
}

function leaseLines(lease: LeaseState, holder: Holder, reading: Reading, width: number): readonly Line[] {
  const age = formatAge(reading.nowNs - lease.since_ns);
  const began = holder.origin === 'snapshot' ? 'found' : 'taken';
  const state =
    lease.state === 'ended' ? `ended ${nameLeaseEnd(lease)}` : `${lease.state}, ${began} ${age} ago`;
  const style = lease.state === 'breaking' ? 'warning' : 'plain';
  const taker = describeTaker(holder.taken_by, reading);
  return [
    ...field(
      lease.state === 'ended' ? 'was leased' : 'leased',
      `${leaseText(lease)}, ${state}`,
      width,
      style,
    ),
    ...field('leased by', taker, width),
  ];
}

function describeEnd(holder: Holder, reading: Reading): string {
  if (holder.ended_ns === undefined) return '';
  const held = formatDuration(holder.ended_ns - holder.since_ns);
  return `; released ${formatAge(reading.nowNs - holder.ended_ns)} ago, after ${held}`;
}

function heldByLines(holder: Holder, answer: WhoAnswer, reading: Reading, width: number): readonly Line[] {
  const names = taskNames(answer);
  const lines = holder.held_by.flatMap((task) => {
    const exit = describeExit(task, reading.nowNs);
    const name = exit === null ? taskName(task) : `${taskName(task)} (${exit})`;
    const hand = describeHand(holder, task, name);
    if (holder.origin === 'snapshot' && task.how === 'unknown')
      return field('held by', hand, width, 'strong');
    const from = task.from === null ? null : (names.get(task.from) ?? `[${task.from}]`);
    const arrival = describeArrival(task.how, from);
    return field('held by', `${hand}, ${arrival}`, width, 'strong');
  });
  const queue = field(
    'held by',
    'a socket queue: sent over SCM_RIGHTS and not yet received',
    width,
    'strong',
  );
  const isQueueKnown = holder.held_by.some(({ through }) => through === 'socket-queue');
  return holder.in_flight && !isQueueKnown ? [...lines, ...queue] : lines;
}

/** Names of all processes that the answer mentions, by pid. */
export function taskNames(answer: WhoAnswer): ReadonlyMap<number, string> {
  const tasks = [
    ...answer.operations,
    ...answer.holders.flatMap((holder) => [
      ...holder.hand_overs.flatMap((hand) => [hand.from, hand.to].filter((task) => task !== null)),
      ...tasksOf(holder),
    ]),
  ];
  return new Map(tasks.map((task) => [task.pid, taskName(task)]));
}

/** What the critical findings about this file say; of those that are over, only where none holds. */
function consequenceLines(answer: WhoAnswer, reading: Reading, width: number): readonly Line[] {
  const about = reading.findings.filter(
    ({ file, severity }) =>
      severity === 'critical' && file.dev === answer.target.dev && file.ino === answer.target.ino,
  );
  const holding = about.filter((finding) => finding.end_ns === null);
  return (holding.length > 0 ? holding : about).flatMap(({ text, end_ns }, index) => {
    const over = end_ns === null ? '' : ` (over for ${formatAge(reading.nowNs - end_ns)})`;
    return field(index === 0 ? 'so' : '', `${text}${over}`, width, 'critical');
  });
}

function certaintyLines(answer: WhoAnswer, reading: Reading, width: number): readonly Line[] {
  const basis = answer.reasons.length > 0 ? answer.reasons.join('; ') : describeBasis(answer, reading);
  const word = answer.certainty === 'definite' ? 'certain' : answer.certainty;
  const style = answer.certainty === 'definite' ? 'plain' : 'warning';
  return field(word, `${basis}; ${answer.loss.rows} lost`, width, style);
}

/** What a definite answer rests on. */
function describeBasis(answer: WhoAnswer, reading: Reading): string {
  const { from_ns } = reading.coverage;
  if (from_ns === null) return 'no event seen yet';
  if (answer.holders.some(({ origin }) => origin === 'snapshot')) {
    return `found in the kernel's own objects ${formatAge(reading.nowNs - (answer.walked_ns ?? from_ns))} ago, and every event since`;
  }
  const isWhole = answer.holders.length > 0 && answer.holders.every((holder) => holder.since_ns >= from_ns);
  return isWhole
    ? 'every event since before it was taken'
    : `every event for ${formatAge(reading.nowNs - from_ns)}`;
}
