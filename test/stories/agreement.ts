/**
 * Compares what whopins concluded with what a workload says it did. Each function returns complaints, one sentence
 * per disagreement; none means that they agree. Numbers of processes, pages and descriptors must be equal; lengths
 * of waits may differ by 250 ms or a tenth, because a workload measures around the system call, in user space.
 */
import { isDeepStrictEqual } from 'node:util';
import type {
  FindingId,
  HeldBy,
  Holder,
  LeaseHolder,
  LeaseState,
  OperationName,
  PinHolder,
  PinVia,
  ReportAnswer,
  WaitOn,
  WhoAnswer,
} from '../../src/model/answer.ts';
import type { StoryRun, TruthRow } from '../lab/story.ts';
import { readReport } from './answer-shape.ts';
import { only, type Subject, subjectOf, TruthMissing } from './truth.ts';

const SLACK_MS = 250;
const SLACK_PART = 0.1;

/** What a conclusion judges: the workload's rows, and what the report says about its file. */
export interface Case {
  readonly kernel: string;
  readonly truth: readonly TruthRow[];
  readonly subject: Subject;
  readonly report: ReportAnswer;
  readonly file: WhoAnswer;
}

/**
 * Judges one run. First what every story demands: the workload played, nothing was lost, the answer about its file
 * is definite. Then the story's own conclusion.
 */
export function conclude(run: StoryRun, judge: (found: Case) => readonly string[]): string[] {
  if (run.exitCode !== 0) return [`the workload ended with ${run.exitCode}: ${lastWords(run.truth)}`];
  const report = readReport(run.report);
  if (!report.ok) return [`report --json breaks its contract: ${report.error}`];
  try {
    const subject = subjectOf(only(run.truth, 'file-made'));
    const file = report.value.files.find((each) => isAbout(each.target, subject));
    if (file === undefined)
      return [`the report does not know ${subject.path} (${subject.dev}:${subject.ino})`];
    const { kernel, truth } = run;
    return [
      ...agreeOnCoverage(report.value, file, subject),
      ...judge({ kernel, truth, subject, report: report.value, file }),
    ];
  } catch (problem) {
    if (problem instanceof TruthMissing) return [problem.message];
    throw problem;
  }
}

function lastWords(truth: readonly TruthRow[]): string {
  const last = truth.at(-1);
  return last === undefined ? 'it said nothing' : JSON.stringify(last);
}

function isAbout(place: { readonly dev: string; readonly ino: number | string }, subject: Subject): boolean {
  return place.dev === subject.dev && String(place.ino) === String(subject.ino);
}

/** Nothing lost, nothing undecodable, a whole recording, and hence no excuse for an answer less than definite. */
export function agreeOnCoverage(report: ReportAnswer, file: WhoAnswer, subject: Subject): string[] {
  return [
    ...differ('rows lost', report.rows.lost, 0),
    ...differ('rows that could not be decoded', report.rows.bad, 0),
    ...differ('complete', report.complete, true),
    ...differ('certainty of the report', report.certainty, 'definite'),
    ...differ('certainty about the file', file.certainty, 'definite'),
    ...differ('rows lost about the file', file.loss.rows, 0),
    ...differ('path', file.target.path, subject.path),
  ];
}

/** What must be said of one process that holds an object (or held it, to the end). */
export type ExpectedHand = Pick<HeldBy, 'pid' | 'comm' | 'fds' | 'how' | 'from'>;

export interface ExpectedPin {
  readonly kind: 'pin';
  readonly via: PinVia;
  readonly pages: number;
  readonly bytes: number;
  readonly longterm: boolean;
  readonly takenBy: { readonly pid: number; readonly comm: string };
  readonly takenNs: number;
  /** The last hands the object was in, ordered by pid. */
  readonly heldBy: readonly ExpectedHand[];
  /** The lease of the process that pinned; null if it had none. */
  readonly lease: ExpectedLeaseState | null;
  readonly freedBy: { readonly op: OperationName; readonly pid: number } | null;
  readonly releasedNs: number;
}

export type ExpectedLeaseState = Pick<LeaseState, 'type' | 'class' | 'state'> & {
  readonly endedBy: LeaseState['ended_by'];
};

export interface ExpectedLease {
  readonly kind: 'lease';
  readonly takenBy: { readonly pid: number; readonly comm: string };
  readonly takenNs: number;
  readonly lease: ExpectedLeaseState;
  readonly releasedNs: number;
}

export type ExpectedHolder = ExpectedPin | ExpectedLease;

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

function agreeOnPin(pin: PinHolder, expected: ExpectedPin): string[] {
  const hands = [...pin.held_by].sort((one, other) => one.pid - other.pid).map(handOf);
  const freed = pin.freed_by === undefined ? null : { op: pin.freed_by.op, pid: pin.freed_by.pid };
  return [
    ...agreeOnHold('pin', pin, expected),
    ...differ('pin: via', pin.via, expected.via),
    ...differ('pin: pages', pin.pages, expected.pages),
    ...differ('pin: bytes', pin.bytes, expected.bytes),
    ...differ('pin: long-term', pin.longterm, expected.longterm),
    ...differ('pin: held by', hands, expected.heldBy),
    ...differ('pin: in flight', pin.in_flight, false),
    ...differ('pin: lease', pin.lease === null ? null : leaseStateOf(pin.lease), expected.lease),
    ...differ('pin: freed by', freed, expected.freedBy),
  ];
}

function agreeOnLease(lease: LeaseHolder, expected: ExpectedLease): string[] {
  return [
    ...agreeOnHold('lease', lease, expected),
    ...differ('lease: state', leaseStateOf(lease.lease), expected.lease),
  ];
}

function agreeOnHold(what: string, holder: Holder, expected: ExpectedHolder): string[] {
  const { pid, comm } = holder.taken_by;
  return [
    ...differ(`${what}: taken by`, { pid, comm }, expected.takenBy),
    ...differ(`${what}: certainty`, holder.certainty, 'definite'),
    ...differ(`${what}: origin`, holder.origin, 'observed'),
    ...differInTime(`${what}: taken`, holder.since_ns, expected.takenNs),
    ...differInTime(`${what}: ended`, holder.ended_ns ?? null, expected.releasedNs),
  ];
}

function handOf({ pid, comm, fds, how, from }: HeldBy): ExpectedHand {
  return { pid, comm, fds: [...fds].sort((one, other) => one - other), how, from };
}

function leaseStateOf(lease: LeaseState): ExpectedLeaseState {
  return { type: lease.type, class: lease.class, state: lease.state, endedBy: lease.ended_by };
}

export interface ExpectedOperation {
  readonly op: OperationName;
  readonly pid: number;
  readonly comm: string;
  readonly result: number;
  readonly waitedMs: number;
  /** What it waited on, and for whom; null if it did not wait. */
  readonly waited: { readonly on: WaitOn; readonly blockers: readonly number[] } | null;
  /** A lease break is one wait; a truncate waits for one busy page after the other. */
  readonly oneWait?: boolean;
}

/** There must be exactly one operation of that kind on the file, and it must have gone this way. */
export function agreeOnOperation(file: WhoAnswer, expected: ExpectedOperation): string[] {
  const all = file.operations.filter((each) => each.op === expected.op);
  const [operation] = all;
  if (operation === undefined || all.length > 1) return differ(`number of ${expected.op}s`, all.length, 1);
  const { op } = expected;
  const asked = all.flatMap((each) => each.waits);
  const total = asked.reduce((sum, wait) => sum + wait.ms, 0);
  return [
    ...differ(`${op}: pid`, operation.pid, expected.pid),
    ...differ(`${op}: comm`, operation.comm, expected.comm),
    ...differ(`${op}: state`, operation.state, 'done'),
    ...differ(`${op}: result`, operation.result, expected.result),
    ...differInLength(`${op}: waited`, operation.waited_ms, expected.waitedMs),
    ...differInLength(`${op}: sum of its waits`, total, expected.waitedMs),
    ...differ(`${op}: waits on`, [...new Set(asked.map((wait) => wait.on))], waitedOn(expected)),
    ...(expected.oneWait === true ? differ(`${op}: number of waits`, asked.length, 1) : []),
    ...(expected.waited === null
      ? []
      : differ(`${op}: blockers of the first wait`, asked[0]?.blockers, expected.waited.blockers)),
  ];
}

function waitedOn(expected: ExpectedOperation): readonly WaitOn[] {
  return expected.waited === null ? [] : [expected.waited.on];
}

export interface ExpectedFindings {
  /** Must be found, definite, and name at least these processes. */
  readonly must: readonly { readonly id: FindingId; readonly pids: readonly number[] }[];
  /** True as well, but a matter of thresholds. All else must not be found. */
  readonly may?: readonly FindingId[];
}

/** The findings about the file: those that must be there, and none that must not. */
export function agreeOnFindings(found: Case, expected: ExpectedFindings): string[] {
  const said = found.report.findings.filter((finding) => isAbout(finding.file, found.subject));
  const allowed = new Set<string>([...expected.must.map((each) => each.id), ...(expected.may ?? [])]);
  const missing = expected.must.flatMap(({ id, pids }) => {
    const finding = said.find((each) => each.id === id && pids.every((pid) => each.pids.includes(pid)));
    if (finding === undefined) return [`finding ${id} about ${pids.join(', ')} is missing`];
    return differ(`finding ${id}: certainty`, finding.certainty, 'definite');
  });
  const wrong = said
    .filter((finding) => !allowed.has(finding.id))
    .map((finding) => `finding ${finding.id} is there, but that did not happen: ${finding.text}`);
  return [...missing, ...wrong];
}

/** Whether two lengths of time agree: within 250 ms, or a tenth of the true one. */
export function isSameLength(saidMs: number, trueMs: number): boolean {
  return Math.abs(saidMs - trueMs) <= Math.max(SLACK_MS, SLACK_PART * trueMs);
}

function differInLength(what: string, saidMs: number, trueMs: number): string[] {
  return isSameLength(saidMs, trueMs)
    ? []
    : [`${what}: whopins says ${saidMs} ms, the workload ${trueMs} ms`];
}

function differInTime(what: string, saidNs: number | null, trueNs: number): string[] {
  if (saidNs === null) return [`${what}: whopins says never, the workload at ${trueNs} ns`];
  const ms = (saidNs - trueNs) / 1e6;
  return Math.abs(ms) <= SLACK_MS
    ? []
    : [`${what}: whopins says ${Math.round(ms)} ms later than the workload`];
}

/** Complains when what whopins says is not the truth. */
export function differ(what: string, said: unknown, truth: unknown): string[] {
  if (isDeepStrictEqual(said, truth)) return [];
  return [`${what}: whopins says ${JSON.stringify(said)}, the truth is ${JSON.stringify(truth)}`];
}
