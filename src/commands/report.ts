/** `whopins report FILE`: findings, holders and timelines of a recording, or of a part of it. */
import { err, ok, type Result } from '../base/result.ts';
import { formatOffset } from '../base/time.ts';
import type { ReportAnswer, TimelineEntry } from '../model/answer.ts';
import { type Model, reportAnswer, timelines } from '../model/model.ts';
import { MOST_FILES, reportText } from '../report/report-text.ts';
import { excerptSince } from './excerpt.ts';
import { EXIT } from './exit-codes.ts';
import { type Moment, parseMoment } from './moment.ts';
import { exitWhenUnread, fail, print, printJson } from './output.ts';
import { bootNsIn, modelAt, openWatched, readModel } from './recorded-model.ts';
import { exitOnStopSignals } from './signals.ts';

export interface ReportOptions {
  readonly json: boolean;
  /** Moments as the user wrote them: only what was so between them is told. */
  readonly from?: string;
  readonly to?: string;
}

/** Prints the report; returns the exit code. */
export async function report(path: string, options: ReportOptions): Promise<number> {
  exitOnStopSignals();
  exitWhenUnread();
  const { json, from, to } = options;
  if (from === undefined && to === undefined) {
    const model = await readModel(path);
    if (!model.ok) return fail(model.error, EXIT.unreadable);
    await printReport(tellAll(model.value, json ? 0 : MOST_FILES), json);
    return EXIT.fine;
  }
  const since = from === undefined ? ok(START) : parseMoment(from);
  const until = to === undefined ? ok(END) : parseMoment(to);
  if (!since.ok) return fail(`--from: ${since.error}`, EXIT.wrongUse);
  if (!until.ok) return fail(`--to: ${until.error}`, EXIT.wrongUse);
  const told = await tellBetween(path, since.value, until.value);
  if (!told.ok) return fail(told.error.why, told.error.exitCode);
  await printReport(told.value, json);
  return EXIT.fine;
}

const START: Moment = { percent: 0 };
const END: Moment = { percent: 100 };

/** A report and what goes with it as text. */
interface Telling {
  readonly model: Model;
  readonly answer: ReportAnswer;
  readonly stories: readonly (readonly TimelineEntry[])[];
  /** Null: all of the recording. */
  readonly period: { readonly from_ns: number; readonly to_ns: number } | null;
}

/** `stories`: of so many files at most; JSON has none of them. */
function tellAll(model: Model, stories: number = Number.POSITIVE_INFINITY): Telling {
  return { model, answer: reportAnswer(model), stories: timelines(model, stories), period: null };
}

type Failure = { readonly why: string; readonly exitCode: number };

async function tellBetween(path: string, since: Moment, until: Moment): Promise<Result<Telling, Failure>> {
  const trace = await openWatched(path);
  if (!trace.ok) return err({ why: trace.error, exitCode: EXIT.unreadable });
  const { from, to } = trace.value;
  const begin = Math.max(from, bootNsIn(trace.value, since));
  const end = Math.min(to, bootNsIn(trace.value, until));
  if (begin > end) {
    const why = `nothing lies between --from ${formatOffset(begin, from)} and --to ${formatOffset(end, from)}: the recording ends at ${formatOffset(to, from)}`;
    return err({ why, exitCode: EXIT.wrongUse });
  }
  const model = await modelAt(trace.value, end);
  const all = tellAll(model);
  const { answer, stories } = excerptSince(all.answer, all.stories, begin);
  return ok({ model, answer, stories, period: { from_ns: begin, to_ns: end } });
}

async function printReport({ model, answer, stories, period }: Telling, json: boolean): Promise<void> {
  if (json) {
    await printJson(period === null ? answer : { ...answer, shown: period });
    return;
  }
  const text = reportText(answer, stories, model.header);
  await print(period === null ? text : `${periodLine(answer, period)}\n${text}`);
}

function periodLine({ from_ns }: ReportAnswer, period: NonNullable<Telling['period']>): string {
  const [begin, end] = [period.from_ns, period.to_ns].map((ns) => formatOffset(ns, from_ns));
  return `shown     what was so between ${begin} and ${end} of the recording`;
}
