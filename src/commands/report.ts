/** `whopins report FILE`: findings, holders and timelines of a recording, or of a part of it. */
import { err, ok, type Result } from '../base/result.ts';
import { formatOffset } from '../base/time.ts';
import type { Header } from '../event/header.ts';
import type { ReportAnswer } from '../model/answer.ts';
import { reportAnswer, timelines } from '../model/model.ts';
import { modelReport, reportText } from '../report/report-text.ts';
import { type Excerpt, excerptSince } from './excerpt.ts';
import { EXIT } from './exit-codes.ts';
import { type Moment, parseMoment } from './moment.ts';
import { exitWhenUnread, fail, print, printJson } from './output.ts';
import { bootNsIn, modelAt, openWatched, readModel } from './recorded-model.ts';
import { exitOnStopSignals } from './signals.ts';
import { keepHeapSmall } from './small-heap.ts';

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
    await (json ? printJson(reportAnswer(model.value)) : print(modelReport(model.value)));
    return EXIT.fine;
  }
  const since = from === undefined ? ok(START) : parseMoment(from);
  const until = to === undefined ? ok(END) : parseMoment(to);
  if (!since.ok) return fail(`--from: ${since.error}`, EXIT.wrongUse);
  if (!until.ok) return fail(`--to: ${until.error}`, EXIT.wrongUse);
  const told = await tellBetween(path, since.value, until.value);
  if (!told.ok) return fail(told.error.why, told.error.exitCode);
  await printExcerpt(told.value, json);
  return EXIT.fine;
}

const START: Moment = { percent: 0 };
const END: Moment = { percent: 100 };

/** The report of a part of a recording, and what goes with it as text. */
interface Telling extends Excerpt {
  readonly header: Header;
  readonly period: { readonly from_ns: number; readonly to_ns: number };
}

type Failure = { readonly why: string; readonly exitCode: number };

async function tellBetween(path: string, since: Moment, until: Moment): Promise<Result<Telling, Failure>> {
  keepHeapSmall();
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
  const excerpt = excerptSince(reportAnswer(model), timelines(model), begin);
  return ok({ ...excerpt, header: model.header, period: { from_ns: begin, to_ns: end } });
}

async function printExcerpt({ header, answer, stories, period }: Telling, json: boolean): Promise<void> {
  if (json) await printJson({ ...answer, shown: period });
  else await print(`${periodLine(answer, period)}\n${reportText(answer, stories, header)}`);
}

function periodLine({ from_ns }: ReportAnswer, period: Telling['period']): string {
  const [begin, end] = [period.from_ns, period.to_ns].map((ns) => formatOffset(ns, from_ns));
  return `shown     what was so between ${begin} and ${end} of the recording`;
}
