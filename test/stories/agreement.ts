/**
 * Compares what whopins concluded with what a workload says it did. Each function returns complaints, one sentence
 * per disagreement; none means that they agree. Holders have their own file: holders.ts.
 */
import type { FindingId, OperationName, ReportAnswer, WaitOn, WhoAnswer } from '../../src/model/answer.ts';
import type { StoryRun, TruthRow, Walked } from '../lab/story.ts';
import { readReport } from './answer-shape.ts';
import { differ, differInLength, type TrueLength } from './difference.ts';
import { every, numberIn, only, type Subject, subjectOf, TruthMissing, textIn } from './truth.ts';

/** What a conclusion judges: the workload's rows, and what the report says about one of its files. */
export interface Case {
  readonly kernel: string;
  readonly truth: readonly TruthRow[];
  readonly subject: Subject;
  readonly report: ReportAnswer;
  readonly file: WhoAnswer;
  /** whopins started only when the pinning process was gone. */
  readonly late: boolean;
  /** What it answered then, before it recorded anything. */
  readonly walked?: Walked;
}

/**
 * Judges one run. First what every story demands: the workload played, nothing was lost, the answer about each of its
 * files is definite. Then the story's own conclusion, once for each file that the workload made.
 */
export function conclude(run: StoryRun, judge: (found: Case) => readonly string[]): string[] {
  return withoutMissingTruth(run, (subjects) => {
    const report = readReport(run.report);
    if (!report.ok) return [`report --json breaks its contract: ${report.error}`];
    return [
      ...agreeOnCoverage(report.value, run.late === true),
      ...subjects.flatMap((subject) => judgeFile(run, report.value, subject, judge)),
    ];
  });
}

/** What a look at the kernel's objects is judged by. */
export type WalkCase = Pick<Case, 'truth' | 'subject' | 'walked'>;

/** Judges the walk alone: for a file of which nothing is left that a recording could tell. */
export function concludeWalk(run: StoryRun, judge: (found: WalkCase) => readonly string[]): string[] {
  const { truth, walked } = run;
  return withoutMissingTruth(run, (subjects) =>
    subjects.flatMap((subject) => judge({ truth, subject, ...(walked === undefined ? {} : { walked }) })),
  );
}

/** Judges the files that the workload made; rows that it should have told and did not are a complaint. */
function withoutMissingTruth(
  run: StoryRun,
  judge: (subjects: readonly Subject[]) => readonly string[],
): string[] {
  if (run.exitCode !== 0) return [`the workload ended with ${run.exitCode}: ${lastWords(run.truth)}`];
  try {
    const subjects = every(run.truth, 'file-made').map(subjectOf);
    if (subjects.length === 0) return ["the workload never said 'file-made'"];
    return [...judge(subjects)];
  } catch (problem) {
    if (problem instanceof TruthMissing) return [problem.message];
    throw problem;
  }
}

function judgeFile(
  run: StoryRun,
  report: ReportAnswer,
  subject: Subject,
  judge: (found: Case) => readonly string[],
): readonly string[] {
  const file = report.files.find((each) => isAbout(each.target, subject));
  if (file === undefined) return [`the report does not know ${subject.path} (${subject.dev}:${subject.ino})`];
  const late = run.late === true;
  const truth = run.truth.filter((row) => row.file === undefined || row.file === subject.path);
  const { walked } = run;
  // a file that only pins lead to has no name, before somebody names it to the kernel
  const isNameless = late && file.target.path === null;
  return [
    ...(isNameless ? [] : differ('path', file.target.path, subject.path)),
    ...differ('rows lost about the file', file.loss.rows, 0),
    // where nobody holds anything, whopins rightly says that an older hold would not show
    ...(late || file.holders.length === 0
      ? []
      : differ('certainty about the file', file.certainty, 'definite')),
    ...judge({
      kernel: run.kernel,
      truth,
      subject,
      report,
      file,
      late,
      ...(walked === undefined ? {} : { walked }),
    }),
  ];
}

function lastWords(truth: readonly TruthRow[]): string {
  const last = truth.at(-1);
  return last === undefined ? 'it said nothing' : JSON.stringify(last);
}

/** Whether a file that an answer names is the workload's. */
export function isAbout(
  place: { readonly dev: string; readonly ino: number | string },
  subject: Subject,
): boolean {
  return place.dev === subject.dev && String(place.ino) === String(subject.ino);
}

/** Nothing lost, nothing undecodable, a whole recording; from the start, hence no excuse for less than definite. */
function agreeOnCoverage(report: ReportAnswer, late: boolean): string[] {
  return [
    ...differ('rows lost', report.rows.lost, 0),
    ...differ('rows that could not be decoded', report.rows.bad, 0),
    ...differ('complete', report.complete, true),
    ...(late ? [] : differ('certainty of the report', report.certainty, 'definite')),
  ];
}

export interface ExpectedOperation {
  readonly op: OperationName;
  /** The row that tells its end: pid, result, waited_ms. */
  readonly ended: TruthRow;
  /** What it waited on, for whom first, and until what was done; null if it did not wait. */
  readonly waited: {
    readonly on: WaitOn;
    readonly blockers: readonly number[];
    readonly until: TruthRow;
  } | null;
  /** A lease break is one wait; a truncate may wait for one busy page after the other. */
  readonly oneWait?: boolean;
}

/** There must be exactly one operation of that kind on the file, and it must have gone this way. */
export function agreeOnOperation(
  file: WhoAnswer,
  { op, ended, waited, oneWait }: ExpectedOperation,
): string[] {
  const all = file.operations.filter((each) => each.op === op);
  const [operation] = all;
  if (operation === undefined || all.length > 1) return differ(`number of ${op} operations`, all.length, 1);
  const { waits } = operation;
  const total = waits.reduce((sum, wait) => sum + wait.ms, 0);
  const length = trueLength(ended, waited?.until ?? null);
  return [
    ...differ(`${op}: pid`, operation.pid, ended.pid),
    ...differ(`${op}: comm`, operation.comm, textIn(ended, 'comm')),
    ...differ(`${op}: state`, operation.state, 'done'),
    ...differ(`${op}: result`, operation.result, numberIn(ended, 'result')),
    ...differInLength(`${op}: waited`, operation.waited_ms, length),
    ...differInLength(`${op}: sum of its waits`, total, length),
    ...differ(
      `${op}: waits on`,
      [...new Set(waits.map((wait) => wait.on))],
      waited === null ? [] : [waited.on],
    ),
    ...(oneWait === true ? differ(`${op}: number of waits`, waits.length, 1) : []),
    ...(waited === null ? [] : differ(`${op}: blockers`, waits[0]?.blockers, waited.blockers)),
  ];
}

export interface ExpectedHungOperation {
  readonly op: OperationName;
  /** The rows that tell when it began, and how it ended: pid, result. */
  readonly began: TruthRow;
  readonly ended: TruthRow;
  readonly on: WaitOn;
  readonly blockers: readonly number[];
}

/**
 * The same for a call that hung already when whopins came: it waited at least since then, and at most since it began.
 */
export function agreeOnHungOperation(
  { file, truth, kernel }: Case,
  { op, began, ended, on, blockers }: ExpectedHungOperation,
): string[] {
  const all = file.operations.filter((each) => each.op === op);
  const [operation] = all;
  if (operation === undefined || all.length > 1) return differ(`number of ${op} operations`, all.length, 1);
  const { waits } = operation;
  return [
    ...differ(`${op}: pid`, operation.pid, began.pid),
    ...differ(`${op}: comm`, operation.comm, textIn(began, 'comm')),
    ...differ(`${op}: state`, operation.state, 'done'),
    // How a call ended that slept before tracing began: bpftrace 0.17 cannot tell (probes/truncate.bt), and the last close
    // of an unlinked file sleeps in evict, whose end is no function's return to it.
    ...((kernel === '6.1' || op === 'close') && operation.result === null
      ? []
      : differ(`${op}: result`, operation.result, numberIn(ended, 'result'))),
    ...differInLength(`${op}: waited`, operation.waited_ms, {
      leastMs: (ended.t_ns - only(truth, 'gone-on').t_ns) / 1e6,
      mostMs: (ended.t_ns - began.t_ns) / 1e6,
    }),
    ...differ(`${op}: waits on`, [...new Set(waits.map((wait) => wait.on))], [on]),
    ...differ(`${op}: blockers`, waits[0]?.blockers, blockers),
  ];
}

/** A call waited at least until that was done, and at most until it returned; without a wait, not at all. */
function trueLength(ended: TruthRow, until: TruthRow | null): TrueLength {
  const wholeMs = numberIn(ended, 'waited_ms');
  if (until === null) return { leastMs: 0, mostMs: 0 };
  const began = ended.t_ns - wholeMs * 1e6;
  const untilMs = (until.t_ns - began) / 1e6;
  return { leastMs: Math.min(untilMs, wholeMs), mostMs: Math.max(untilMs, wholeMs) };
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
    // seen late, what ended may have ended unseen (agreeOnPipeEnd): likely is then the right word, unknown is not
    if (found.late && finding.certainty === 'likely') return [];
    return differ(`finding ${id}: certainty`, finding.certainty, 'definite');
  });
  const wrong = said
    .filter((finding) => !allowed.has(finding.id))
    .map((finding) => `finding ${finding.id} is there, but that did not happen: ${finding.text}`);
  return [...missing, ...wrong];
}
