/**
 * A lease or a pin in words: what it is, who took it, through whom and what it lives on. The lines of `who` about its
 * holders.
 */
import { joinWords } from '../base/text.ts';
import { formatDuration, formatOffset, NS_PER_MS } from '../base/time.ts';
import type {
  HeldBy,
  Holder,
  LeaseHolder,
  LeaseState,
  PinHolder,
  TaskRef,
  WhoAnswer,
} from '../model/answer.ts';
import type { AlikeHolders } from '../model/select/alike.ts';
import {
  amountText,
  arrivalText,
  dangerText,
  fdsText,
  keptText,
  leaseText,
  operationName,
  taskName,
} from '../model/wording.ts';

/** An exit closes everything within this time; sched_process_exit fires before exit_files (kernel/exit.c). */
const WITH_EXIT_NS = 250 * NS_PER_MS;

/** One fact: a fixed key, and the words behind it. */
export interface Line {
  readonly key: string;
  readonly text: string;
}

/** The lines about one lease, or about pins that look alike. */
export function holderLines(answer: WhoAnswer, { holder, count }: AlikeHolders): Line[] {
  return holder.kind === 'pin' ? pinLines(answer, holder, count) : leaseLines(answer, holder);
}

function pinLines(answer: WhoAnswer, pin: PinHolder, count: number): Line[] {
  const term = pin.longterm ? ', long-term' : '';
  const lines: Line[] = [
    { key: 'pinned', text: `${amountText(pin, count)}${term}, ${pin.object}` },
    { key: 'pinned by', text: pinnerText(answer, pin) },
    ...heldLines(answer, pin),
  ];
  if (pin.orphan === true) {
    lines.push({ key: 'but', text: lostText(answer, pin) });
  }
  if (pin.freed_by !== undefined && pin.ended_ns === undefined) {
    const { op } = pin.freed_by;
    const what = `${operationName(op)} by ${taskName(pin.freed_by)} freed the file's pages under this pin`;
    lines.push({ key: 'so', text: `${what}: ${dangerText(pin)}` });
  }
  return lines;
}

function leaseLines(answer: WhoAnswer, holder: LeaseHolder): Line[] {
  const { lease, taken_by } = holder;
  const state = {
    active: 'active',
    breaking: `being broken: others wait for it, or were refused${deadlineText(lease)}`,
    ended: `ended ${endText(lease)}`,
  }[lease.state];
  return [
    { key: 'lease', text: `${leaseText(lease)}, ${state}` },
    { key: 'taken by', text: `${takerText(answer, taken_by)}${clientText(lease)}` },
    ...heldLines(answer, holder),
  ];
}

function clientText({ client }: LeaseState): string {
  return client === undefined ? '' : `, for NFS client ${client}`;
}

function deadlineText({ left_ms }: LeaseState): string {
  return left_ms === undefined ? '' : `; the kernel takes it away in ${formatDuration(left_ms * NS_PER_MS)}`;
}

/** Pages that lost their file: a fact where they are asked for themselves, a possibility where a file is. */
function lostText({ target }: WhoAnswer, pin: PinHolder): string {
  const lost = 'these pages belong to no file any more: it was cut or deleted under the pin';
  return target.ino === 0 ? `${lost}; ${dangerText(pin)}` : `${lost}; it may have been this file`;
}

/** Who pinned, and what became of that process's lease, as far as it is known. */
function pinnerText(answer: WhoAnswer, pin: PinHolder): string {
  const { taken_by, lease, origin } = pin;
  if (taken_by === null) return `a process that the ${pin.object} does not tell`;
  const taker = takerText(answer, taken_by);
  // A walk shows the leases that there are, not those that there were.
  if (lease === null && origin === 'snapshot') return taker;
  return `${taker}; ${leaseClause(answer, pin)}`;
}

function takerText({ at_ns }: WhoAnswer, task: TaskRef | null): string {
  if (task === null) return 'a process that is not known';
  if (task.exited_ns === undefined)
    return task.alive ? taskName(task) : `${taskName(task)}, which has exited`;
  return `${taskName(task)}, which exited ${formatDuration(at_ns - task.exited_ns)} ago`;
}

/** What became of the lease of the process that pinned. */
function leaseClause({ at_ns }: WhoAnswer, { lease, taken_by }: PinHolder): string {
  if (lease === null) return 'it had no lease on the file';
  const name = `its ${lease.class} (${lease.type})`;
  if (lease.state === 'active') return `${name} is active`;
  if (lease.state === 'breaking') return `${name} is being broken`;
  const { ended_ns = at_ns } = lease;
  const exited = taken_by?.exited_ns;
  const sinceExit = exited === undefined ? -1 : ended_ns - exited;
  const isByExit = lease.ended_by === 'close' && sinceExit >= 0 && sinceExit <= WITH_EXIT_NS;
  if (isByExit) return `${name} ended when it exited`;
  return `${name} ended ${endText(lease)} ${formatDuration(at_ns - ended_ns)} ago`;
}

function endText({ ended_by }: LeaseState): string {
  switch (ended_by) {
    case 'unlock':
      return 'by unlock';
    case 'close':
      return 'when its file was closed';
    case 'timeout':
      return 'by the break timeout';
    case 'manager':
      return 'by its lease manager';
    default:
      return 'in a way that was not seen';
  }
}

function heldLines(answer: WhoAnswer, holder: Holder): Line[] {
  const { ended_ns, held_by, in_flight, hand_overs } = holder;
  const texts = held_by.map((held) => `${heldText(holder, held)}${untilText(answer, held)}`);
  if (ended_ns !== undefined) {
    const by = texts.length === 0 ? '' : ` by ${joinWords(texts)}`;
    return [{ key: 'was held', text: `until ${formatOffset(ended_ns, answer.from_ns)}${by}` }];
  }
  const isQueueKnown = held_by.some(({ through }) => through === 'socket-queue');
  const queued = (isQueueKnown ? [] : hand_overs)
    .filter((step) => step.in_flight)
    .map(({ from, at_ns }) => {
      const sender = from === null ? 'a process that was not seen' : taskName(from);
      const sent = formatOffset(at_ns, answer.from_ns);
      return `a socket's queue: sent by ${sender} at ${sent}, not received yet`;
    });
  const nobodys =
    queued.length === 0 && !isQueueKnown ? ["a socket's queue: no process was found that has it"] : queued;
  const all = in_flight ? [...texts, ...nobodys] : texts;
  if (all.length === 0) return [{ key: 'held by', text: 'nobody that was seen' }];
  return all.map((text, i) => ({ key: i === 0 ? 'held by' : 'and by', text }));
}

function heldText(holder: Holder, held: HeldBy): string {
  const via = holder.kind === 'pin' ? holder.via : null;
  if (held.through !== 'descriptor') return keptText(held.through, held.fds, taskName(held)) + fateText(held);
  const isWithoutDescriptor = held.fds.length === 0 && held.how === 'open';
  const through = isWithoutDescriptor ? '' : ` through ${fdsText(via, held.fds)}`;
  // A walk tells who has it, and nothing of how it came there: that is no news.
  const isUntold = held.how === 'open' || (held.how === 'unknown' && holder.origin === 'snapshot');
  const way = isUntold ? '' : `, ${arrivalText(held.how)}${fromText(holder, held)}`;
  return `${taskName(held)}${through}${way}`;
}

function untilText({ from_ns }: WhoAnswer, { until_ns }: HeldBy): string {
  return until_ns === undefined ? '' : `, which let go at ${formatOffset(until_ns, from_ns)}`;
}

function fateText({ through }: HeldBy): string {
  switch (through) {
    case 'socket-queue':
      return ': sent, not yet received';
    case 'mapping':
      return ', no descriptor left';
    default:
      return '';
  }
}

function fromText(holder: Holder, { from }: HeldBy): string {
  if (from === null) return '';
  const known = [
    holder.taken_by,
    ...holder.held_by,
    ...holder.hand_overs.flatMap(({ from, to }) => [from, to]),
  ];
  const sender = known.find((task) => task?.pid === from);
  return ` from ${sender === undefined || sender === null ? `process ${from}` : taskName(sender)}`;
}
