/**
 * `who` in words: one file, who pins or leases it, through which object and descriptor, and what to let go of. The
 * first word of each line is a fixed key, so that the lines can be found by eye and by grep.
 */
import { cleanName, joinWords, wrapText } from '../base/text.ts';
import { formatDuration, formatOffset, NS_PER_MS } from '../base/time.ts';
import type {
  HeldBy,
  Holder,
  LeaseHolder,
  LeaseState,
  Operation,
  PinHolder,
  Target,
  TaskRef,
  WhoAnswer,
} from '../model/answer.ts';
import {
  arrivalText,
  dangerText,
  fdsText,
  leaseText,
  operationName,
  pagesText,
  taskName,
  waitText,
} from '../model/wording.ts';

/** An exit closes everything within this time; sched_process_exit fires before exit_files (kernel/exit.c). */
const WITH_EXIT_NS = 250 * NS_PER_MS;
const MOST_REASONS = 3;
const MOST_OPERATIONS = 5;

interface Line {
  readonly key: string;
  readonly text: string;
}

export interface WhoTextOptions {
  /** Columns; without it no line is broken, so that each stays one line for grep. */
  readonly width?: number;
}

/** The answer as lines, each ended by a newline. Deterministic; ages are counted from the answer's own instant. */
export function whoText(answer: WhoAnswer, options: WhoTextOptions = {}): string {
  const { width = Number.POSITIVE_INFINITY } = options;
  const lines = [
    ...answer.holders.flatMap((holder) => holderLines(answer, holder)),
    ...operationLines(answer),
    ...answer.to_free.map((text, i) => ({ key: i === 0 ? 'to free' : 'and', text })),
    ...certaintyLines(answer),
  ];
  const head = wrapText(targetText(answer.target), { width, rest: '    ' });
  const body = lines.flatMap(({ key, text }) => wrapText(text, { width, first: `  ${key.padEnd(10)}` }));
  return `${[...head, ...body].join('\n')}\n`;
}

/** "/dev/shm/data   tmpfs 0:26 inode 2". */
export function targetText({ path, fs, dev, ino }: Target): string {
  const name = path === null ? '(no name seen)' : cleanName(path);
  return `${name}   ${fs === null ? '' : `${cleanName(fs)} `}${dev} inode ${ino}`;
}

function holderLines(answer: WhoAnswer, holder: Holder): Line[] {
  return holder.kind === 'pin' ? pinLines(answer, holder) : leaseLines(answer, holder);
}

function pinLines(answer: WhoAnswer, pin: PinHolder): Line[] {
  const term = pin.longterm ? ', long-term' : '';
  const lines: Line[] = [
    { key: 'pinned', text: `${pagesText(pin.pages, pin.bytes)}${term}, ${pin.object}` },
    { key: 'pinned by', text: `${takerText(answer, pin.taken_by)}; ${leaseClause(answer, pin)}` },
    ...heldLines(answer, pin),
  ];
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
    breaking: 'being broken: others wait for it, or were refused',
    ended: `ended ${endText(lease)}`,
  }[lease.state];
  return [
    { key: 'lease', text: `${leaseText(lease)}, ${state}` },
    { key: 'taken by', text: takerText(answer, taken_by) },
    ...heldLines(answer, holder),
  ];
}

function takerText({ at_ns }: WhoAnswer, task: TaskRef): string {
  if (task.exited_ns === undefined) return taskName(task);
  return `${taskName(task)}, which exited ${formatDuration(at_ns - task.exited_ns)} ago`;
}

/** What became of the lease of the process that pinned. */
function leaseClause({ at_ns }: WhoAnswer, { lease, taken_by }: PinHolder): string {
  if (lease === null) return 'it had no lease on the file';
  const name = `its ${lease.class} (${lease.type})`;
  if (lease.state === 'active') return `${name} is active`;
  if (lease.state === 'breaking') return `${name} is being broken`;
  const { ended_ns = at_ns } = lease;
  const exited = taken_by.exited_ns;
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
  const texts = held_by.map((held) => heldText(holder, held));
  if (ended_ns !== undefined) {
    const by = texts.length === 0 ? '' : ` by ${joinWords(texts)}`;
    return [{ key: 'was held', text: `until ${formatOffset(ended_ns, answer.from_ns)}${by}` }];
  }
  const queued = hand_overs
    .filter((step) => step.in_flight)
    .map(({ from, at_ns }) => {
      const sender = from === null ? 'a process that was not seen' : taskName(from);
      const sent = formatOffset(at_ns, answer.from_ns);
      return `a socket's queue: sent by ${sender} at ${sent}, not received yet`;
    });
  const all = in_flight ? [...texts, ...queued] : texts;
  if (all.length === 0) return [{ key: 'held by', text: 'nobody that was seen' }];
  return all.map((text, i) => ({ key: i === 0 ? 'held by' : 'and by', text }));
}

function heldText(holder: Holder, held: HeldBy): string {
  const via = holder.kind === 'pin' ? holder.via : null;
  const isWithoutDescriptor = held.fds.length === 0 && held.how === 'open';
  const through = isWithoutDescriptor ? '' : ` through ${fdsText(via, held.fds)}`;
  const way = held.how === 'open' ? '' : `, ${arrivalText(held.how)}${fromText(holder, held)}`;
  return `${taskName(held)}${through}${way}`;
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

/** Operations that wait, and the latest that waited or were refused. */
function operationLines(answer: WhoAnswer): Line[] {
  const names = namesIn(answer);
  const waiting = answer.operations.filter((operation) => operation.state === 'waiting');
  const waited = answer.operations.filter(({ state, waited_ms }) => state !== 'waiting' && waited_ms > 0);
  return [
    ...waiting.map((operation) => ({ key: 'waits', text: waitLine(operation, names) })),
    ...waited
      .slice(-MOST_OPERATIONS)
      .map((operation) => ({ key: 'waited', text: waitLine(operation, names) })),
  ];
}

function waitLine(operation: Operation, names: ReadonlyMap<number, string>): string {
  const wait = operation.waits.at(-1);
  const what = `${operationName(operation.op)} by ${taskName(operation)}`;
  const time = formatDuration(operation.waited_ms * NS_PER_MS);
  if (wait === undefined) return `${what}, ${time}`;
  const blockers = wait.blockers.map((pid) => names.get(pid) ?? `process ${pid}`);
  const by = blockers.length === 0 ? ', held by nobody that was seen' : `, held by ${joinWords(blockers, 5)}`;
  return `${what}, ${time}, for ${waitText(wait.on)}${by}`;
}

function namesIn(answer: WhoAnswer): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { taken_by, held_by, hand_overs } of answer.holders) {
    const tasks = [taken_by, ...held_by, ...hand_overs.flatMap(({ from, to }) => [from, to])];
    for (const task of tasks) if (task !== null) names.set(task.pid, taskName(task));
  }
  return names;
}

function certaintyLines(answer: WhoAnswer): Line[] {
  const { certainty, reasons, loss, not_covered } = answer;
  if (certainty === 'definite') {
    const kept = reasons.length === 0 ? '' : `; ${reasons.join('; ')}`;
    return [
      { key: 'certain', text: `every event since before ${subjectOf(answer)}; ${loss.rows} lost${kept}` },
    ];
  }
  const shown = reasons.slice(0, MOST_REASONS);
  const more = reasons.length > shown.length ? [`and ${reasons.length - shown.length} more reasons`] : [];
  const uncovered = not_covered
    .slice(0, MOST_REASONS)
    .map(({ path, reason }) => `${path}: ${cleanName(reason)}`);
  return [
    { key: certainty, text: `${[...shown, ...more].join('; ')}; ${loss.rows} rows lost` },
    ...uncovered.map((text) => ({ key: 'not seen', text })),
  ];
}

function subjectOf({ holders }: WhoAnswer): string {
  const kinds = new Set(holders.map((holder) => holder.kind));
  if (kinds.size === 2) return 'the first of them';
  const [kind = 'operation'] = kinds;
  return holders.length > 1 ? `the first ${kind}` : `the ${kind}`;
}
