/**
 * What `whopins who` must say at a story's late point from its walk alone, compared with the workload's rows: what is
 * held, in whose hands and by what, who waits for it, who has the file open; in the JSON and in the words.
 */
import type {
  FileUser,
  HeldBy,
  Holder,
  LeaseHolder,
  OperationName,
  PinHolder,
  WaitOn,
  WhoAnswer,
} from '../../src/model/answer.ts';
import type { TruthRow } from '../lab/story.ts';
import type { WalkCase } from './agreement.ts';
import { readWho } from './answer-shape.ts';
import { differ } from './difference.ts';
import { agreeOnPages } from './holders.ts';
import { every, numberIn, numbersIn, only, type Subject, textIn } from './truth.ts';
import { agreeOnRemedy, agreeOnWords } from './walked-words.ts';

/** A process through which an object lives. */
export type Handle = Pick<HeldBy, 'pid' | 'comm' | 'fds' | 'through'>;

export interface ExpectedWalkHolder {
  /** The row of the process that took it: 'pages-pinned' or 'lease-taken'. */
  readonly taken: TruthRow;
  readonly heldBy: readonly Handle[];
  /** The file was cut under it: nothing tells any more which file it was. */
  readonly orphan?: boolean;
}

export interface ExpectedWait {
  readonly op: OperationName;
  /** The row that told its begin. */
  readonly began: TruthRow;
  readonly on: WaitOn;
  readonly blockers: readonly number[];
  /** The kernel missed a wake-up. */
  readonly idle?: boolean;
}

/** What the walk must find; what is left out must not be there. */
export interface ExpectedWalk {
  readonly holder?: ExpectedWalkHolder;
  readonly waiting?: ExpectedWait;
  readonly users?: readonly Pick<FileUser, 'pid' | 'fds' | 'mapped_bytes'>[];
}

/** The handle that a row tells of which lists `fds`, in the hands of its own process or of `pid`. */
export function handle(row: TruthRow, through: Handle['through'] = 'descriptor', pid = row.pid): Handle {
  const fds = [...numbersIn(row, 'fds')].sort(byNumber);
  return { pid, comm: textIn(row, 'comm'), fds, through };
}

/** The answer must agree with the rows in everything that is expected, and hold nothing else. */
export function agreeOnWalk({ walked, truth, subject }: WalkCase, expected: ExpectedWalk): string[] {
  if (walked === undefined) return ['whopins who was not asked at the late point'];
  const read = readWho(walked.answer);
  if (!read.ok) return [`who --json breaks its contract: ${read.error}`];
  const answer = read.value;
  const { users = [] } = expected;
  return [
    ...agreeOnTarget(answer, subject, users.length > 0),
    ...agreeOnMoment(answer, truth),
    ...agreeOnHolders(answer, expected, truth),
    ...agreeOnWaiting(answer, expected.waiting),
    ...differ('users', answer.users.map(userOf).sort(byPid), [...users].sort(byPid)),
    ...agreeOnBalance(answer),
    ...agreeOnCertainty(answer),
    ...agreeOnRemedy(answer, expected),
    ...agreeOnWords(walked, expected),
  ].map((complaint) => `at the late point: ${complaint}`);
}

/** Whether the walk found nothing, and said what it could not look into: all that some kernels allow. */
export function isGap({ walked }: Pick<WalkCase, 'walked'>): boolean {
  const read = readWho(walked?.answer);
  if (!read.ok) return false;
  const { holders, certainty, reasons, not_covered } = read.value;
  return holders.length === 0 && certainty !== 'definite' && reasons.length + not_covered.length > 0;
}

/** The path may be unknown where no process has the file open or maps it. */
function agreeOnTarget({ target }: WhoAnswer, subject: Subject, isOpen: boolean): string[] {
  return [
    ...differ('dev', target.dev, subject.dev),
    ...differ('ino', String(target.ino), String(subject.ino)),
    ...(target.path === null && !isOpen ? [] : differ('path', target.path, subject.path)),
  ];
}

/** The walk looked while the story stood still. */
function agreeOnMoment({ walked_ns }: WhoAnswer, truth: readonly TruthRow[]): string[] {
  const from = only(truth, 'late-point').t_ns;
  const to = only(truth, 'gone-on').t_ns;
  if (walked_ns !== null && walked_ns > from && walked_ns < to) return [];
  return [`the walk was at ${walked_ns} ns, but the story stood still from ${from} to ${to} ns`];
}

function kindOf(holder: Holder): string {
  return holder.kind === 'pin' && holder.orphan === true ? 'orphan pin' : holder.kind;
}

function expectedKinds({ holder }: ExpectedWalk): readonly string[] {
  if (holder === undefined) return [];
  if (holder.taken.did === 'lease-taken') return ['lease'];
  return [holder.orphan === true ? 'orphan pin' : 'pin'];
}

function agreeOnHolders(
  { holders }: WhoAnswer,
  expected: ExpectedWalk,
  truth: readonly TruthRow[],
): string[] {
  const { holder } = expected;
  const kinds = differ('kinds of holders', holders.map(kindOf), expectedKinds(expected));
  if (kinds.length > 0 || holder === undefined) return kinds;
  return holders.flatMap((each) => agreeOnHolder(each, holder, truth));
}

function agreeOnHolder(holder: Holder, expected: ExpectedWalkHolder, truth: readonly TruthRow[]): string[] {
  const what = holder.kind;
  const handles = expected.heldBy.toSorted(byPid);
  return [
    ...(holder.kind === 'pin' ? agreeOnPages(holder, expected.taken) : agreeOnLease(holder, expected.taken)),
    ...agreeOnTaker(holder, expected.taken, truth),
    ...differ(`${what}: held by`, holder.held_by.map(handleOf).sort(byPid), handles),
    ...differ(
      `${what}: in flight`,
      holder.in_flight,
      handles.some(({ through }) => through === 'socket-queue'),
    ),
    ...differ(`${what}: origin`, holder.origin, 'snapshot'),
    ...differ(`${what}: ended`, holder.ended_ns ?? null, null),
    ...differ(`${what}: has evidence`, holder.evidence.length > 0, true),
    ...differ(
      `${what}: alive`,
      holder.held_by.every(({ alive }) => alive),
      true,
    ),
    // that pages of a cut file were this file's cannot be certain
    ...(expected.orphan === true && holder.reasons.length > 0
      ? []
      : differ(`${what}: certainty`, holder.certainty, 'definite')),
  ];
}

function agreeOnLease({ lease }: LeaseHolder, taken: TruthRow): string[] {
  const { type, class: kind, state } = lease;
  const truth = { type: textIn(taken, 'type'), kind: 'lease', state: 'active' };
  return differ('lease: state', { type, kind, state }, truth);
}

/** A lease carries its taker's pid; an owner object need not, but where it does, it must be the right one. */
function agreeOnTaker(holder: Holder, taken: TruthRow, truth: readonly TruthRow[]): string[] {
  const taker = holder.taken_by;
  if (taker === null) return holder.kind === 'lease' ? differ('lease: taken by', null, taken.pid) : [];
  const lateNs = only(truth, 'late-point').t_ns;
  const isGone = every(truth, 'exited', { who: taken.pid }).some((row) => row.t_ns < lateNs);
  return differ(
    `${holder.kind}: taken by`,
    { pid: taker.pid, alive: taker.alive },
    { pid: taken.pid, alive: !isGone },
  );
}

function agreeOnWaiting(answer: WhoAnswer, expected: ExpectedWait | undefined): string[] {
  const waiting = answer.operations.filter(({ state }) => state === 'waiting');
  const counts = differ('number of waiting operations', waiting.length, expected === undefined ? 0 : 1);
  const [operation] = waiting;
  if (expected === undefined || operation === undefined || counts.length > 0) return counts;
  const wait = operation.waits.at(-1);
  const { op, began, on, blockers, idle = false } = expected;
  return [
    ...differ('waiting: operation', operation.op, op),
    ...differ('waiting: pid', operation.pid, began.pid),
    ...differ('waiting: comm', operation.comm, textIn(began, 'comm')),
    ...differ('waiting: on', wait?.on, on),
    ...differ('waiting: blockers', wait?.blockers.toSorted(byNumber), blockers.toSorted(byNumber)),
    ...differ('waiting: idle', wait?.idle ?? false, idle),
    ...(on === 'dax-page' ? agreeOnPage(operation.evidence, answer) : []),
  ];
}

/** The page on the waiter's stack must be the very page that a holder is found to hold. */
function agreeOnPage(evidence: readonly string[], { holders }: WhoAnswer): string[] {
  const pages = evidence.filter(isPage);
  if (pages.length === 0) return ['waiting: no page on its stack is named as evidence'];
  const pins = holders.filter((holder): holder is PinHolder => holder.kind === 'pin');
  if (pins.length === 0) return [];
  const held = pins.flatMap((pin) => pin.evidence.filter(isPage));
  return pages.some((page) => held.includes(page))
    ? []
    : [`waiting: it waits for ${pages.join(', ')}, but the pins' evidence is ${held.join(', ')}`];
}

const isPage = (evidence: string): boolean => evidence.startsWith('page ');

/** In a guest at rest every page that the kernel counts as pinned lies in an object of the story. */
function agreeOnBalance({ pin_balance }: WhoAnswer): string[] {
  if (pin_balance === null) return [];
  return differ('pages explained', pin_balance.explained, pin_balance.counted);
}

/** What is less than definite must say why. */
function agreeOnCertainty({ certainty, reasons, not_covered }: WhoAnswer): string[] {
  if (certainty === 'definite' || reasons.length + not_covered.length > 0) return [];
  return [`the answer is ${certainty}, and does not say why`];
}

/** The user that a row tells of: `mapped` bytes, and `fd` where it has one. */
export function user(row: TruthRow, mapped: number, pid = row.pid) {
  return { pid, fds: 'fd' in row ? [numberIn(row, 'fd')] : [], mapped_bytes: mapped };
}

function userOf({ pid, fds, mapped_bytes }: FileUser) {
  return { pid, fds: [...fds].sort(byNumber), mapped_bytes };
}

function handleOf({ pid, comm, fds, through }: HeldBy): Handle {
  return { pid, comm, fds: [...fds].sort(byNumber), through };
}

const byNumber = (one: number, other: number): number => one - other;
const byPid = (one: { readonly pid: number }, other: { readonly pid: number }): number => one.pid - other.pid;
