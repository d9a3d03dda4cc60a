/**
 * `who` in words: one file, who pins or leases it, through which object and descriptor, and what to let go of. The
 * first word of each line is a fixed key, so that the lines can be found by eye and by grep.
 */
import { cleanName, formatBytes, formatCount, joinWords, plural, wrapText } from '../base/text.ts';
import { formatDuration, NS_PER_MS } from '../base/time.ts';
import type { Operation, PinBalance, Target, WhoAnswer } from '../model/answer.ts';
import { joinAlike } from '../model/select/alike.ts';
import { fdsText, operationName, taskName, waitText } from '../model/wording.ts';
import { holderLines, type Line } from './holder-text.ts';

const MOST_REASONS = 3;
const MOST_OPERATIONS = 5;
const MOST_USERS = 5;
const MOST_EVIDENCE = 4;

export interface WhoTextOptions {
  /** Columns; without it no line is broken, so that each stays one line for grep. */
  readonly width?: number;
}

/** The answer as lines, each ended by a newline. Deterministic; ages are counted from the answer's own instant. */
export function whoText(answer: WhoAnswer, options: WhoTextOptions = {}): string {
  const { width = Number.POSITIVE_INFINITY } = options;
  const lines = [
    ...joinAlike(answer.holders).flatMap((alike) => holderLines(answer, alike)),
    ...nobodyLines(answer),
    ...operationLines(answer),
    ...userLines(answer),
    ...answer.to_free.map((text, i) => ({ key: i === 0 ? 'to free' : 'and', text })),
    ...certaintyLines(answer),
  ];
  const head = wrapText(targetText(answer.target), { width, rest: '    ' });
  const body = lines.flatMap(({ key, text }) => wrapText(text, { width, first: `  ${key.padEnd(10)}` }));
  return `${[...head, ...body].join('\n')}\n`;
}

/** "/dev/shm/data   tmpfs 0:26 inode 2"; inode 0 stands for pages that no file has any more. */
export function targetText({ path, fs, dev, ino }: Target): string {
  if (ino === 0) {
    const where = dev === '0:0' ? 'file system not known' : `${fs === null ? '' : `${cleanName(fs)} `}${dev}`;
    return `(pages that no file has any more)   ${where}`;
  }
  const name = path === null ? '(no name seen)' : cleanName(path);
  return `${name}   ${fs === null ? '' : `${cleanName(fs)} `}${dev} inode ${ino}`;
}

/** That nobody was found is an answer where a walk looked. */
function nobodyLines({ holders, walked_ns }: WhoAnswer): Line[] {
  if (walked_ns === null || holders.length > 0) return [];
  return [{ key: 'held by', text: 'nobody that the walk found' }];
}

/** Operations that wait, and the latest that waited or were refused. */
function operationLines(answer: WhoAnswer): Line[] {
  const names = namesIn(answer);
  const waiting = answer.operations.filter((operation) => operation.state === 'waiting');
  const waited = answer.operations.filter(({ state, waited_ms }) => state !== 'waiting' && waited_ms > 0);
  return [
    ...waiting.map((operation) => ({ key: 'waits', text: waitLine(answer, operation, names) })),
    ...waited
      .slice(-MOST_OPERATIONS)
      .map((operation) => ({ key: 'waited', text: waitLine(answer, operation, names) })),
  ];
}

function waitLine(answer: WhoAnswer, operation: Operation, names: ReadonlyMap<number, string>): string {
  const wait = operation.waits.at(-1);
  const what = `${operationName(operation.op)} by ${taskName(operation)}`;
  const isFound = operation.evidence.length > 0 || !isTraced(answer);
  const least = isFound ? 'at least ' : '';
  const time = `${least}${formatDuration(operation.waited_ms * NS_PER_MS)}`;
  if (wait === undefined) return `${what}, ${time}`;
  if (wait.idle === true) {
    return `${what}, ${time}, for a DAX page that nobody holds: the kernel missed its wake-up`;
  }
  const blockers = wait.blockers.map((pid) => names.get(pid) ?? `process ${pid}`);
  const by = blockers.length === 0 ? ', held by nobody that was seen' : `, held by ${joinWords(blockers, 5)}`;
  return `${what}, ${time}, for ${waitText(wait.on)}${by}`;
}

/** Who has the file open or maps it: no holders, but some waits happen only while it is mapped. */
function userLines({ users }: WhoAnswer): Line[] {
  const open = users.filter(({ fds }) => fds.length > 0);
  const mapped = users.filter(({ mapped_bytes }) => mapped_bytes > 0);
  const opened = open.map((user) => `${taskName(user)} (${fdsText(null, user.fds)})`);
  const maps = mapped.map((user) => `${taskName(user)} (${formatBytes(user.mapped_bytes)})`);
  return [
    ...(opened.length === 0 ? [] : [{ key: 'open in', text: joinWords(opened, MOST_USERS) }]),
    ...(maps.length === 0 ? [] : [{ key: 'mapped by', text: joinWords(maps, MOST_USERS) }]),
  ];
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
    return [{ key: 'certain', text: `${basisText(answer)}${kept}` }];
  }
  const shown = reasons.slice(0, MOST_REASONS);
  const more = reasons.length > shown.length ? [`and ${reasons.length - shown.length} more reasons`] : [];
  const uncovered = not_covered
    .slice(0, MOST_REASONS)
    .map(({ path, reason }) => `${cleanName(path)}: ${cleanName(reason)}`);
  return [
    {
      key: certainty,
      text: `${[...shown, ...more].join('; ')}${isTraced(answer) ? `; ${loss.rows} rows lost` : ''}`,
    },
    ...uncovered.map((text) => ({ key: 'not seen', text })),
  ];
}

/** What a definite answer rests on: on what was read in the kernel, on the events since, or on both. */
function basisText(answer: WhoAnswer): string {
  const found = [...answer.holders, ...answer.operations].flatMap(({ evidence }) => evidence);
  const objects = [...new Set(found)].slice(0, MOST_EVIDENCE).join(', ');
  const inKernel = `found in the kernel's own objects when the walk looked (${objects})`;
  if (!isTraced(answer)) return objects === '' ? 'as the walk found it' : inKernel;
  if (answer.holders.some(({ origin }) => origin === 'snapshot')) {
    return `${inKernel}, and every event since; ${answer.loss.rows} lost`;
  }
  return `every event since before ${subjectOf(answer)}; ${answer.loss.rows} lost`;
}

/** Whether events were traced, too: the answer of a walk alone starts with the walk. */
function isTraced({ walked_ns, from_ns }: WhoAnswer): boolean {
  return walked_ns !== from_ns;
}

function subjectOf({ holders }: WhoAnswer): string {
  const kinds = new Set(holders.map((holder) => holder.kind));
  if (kinds.size === 2) return 'the first of them';
  const [kind = 'operation'] = kinds;
  return holders.length > 1 ? `the first ${kind}` : `the ${kind}`;
}

/** How the pins that a walk found compare with the kernel's own count; null where they agree, or it does not count. */
export function pinBalanceText(balance: PinBalance | null): string | null {
  if (balance === null || balance.counted === balance.explained) return null;
  const { counted, explained } = balance;
  const found = `the kernel counts ${plural(counted, 'pinned page')}, of which the walk found ${formatCount(explained)}`;
  if (counted < explained) return `${found}: some were released while it looked`;
  const rest = formatCount(counted - explained);
  return `${found}; the other ${rest} are direct I/O under way, or users inside the kernel`;
}
