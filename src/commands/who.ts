/** `whopins who [PATH]`: one answer about one file, or about each file that is pinned or waited for. */
import { resolve } from 'node:path';
import { ok, type Result } from '../base/result.ts';
import type { InodeKey } from '../event/event.ts';
import type { FileSummary, WhoAnswer } from '../model/answer.ts';
import { fileSummaries, findTarget, type Model, whoAnswer } from '../model/model.ts';
import { whoText } from '../report/who-text.ts';
import { EXIT } from './exit-codes.ts';
import { type Moment, parseMoment } from './moment.ts';
import { exitWhenUnread, print, printJson, say } from './output.ts';
import { readModel } from './recorded-model.ts';
import { exitOnStopSignals } from './signals.ts';

export interface WhoOptions {
  readonly recording?: string;
  /** As the user wrote it. */
  readonly at?: string;
  readonly json: boolean;
}

/** Prints the answer; returns the exit code. */
export async function who(path: string | null, options: WhoOptions): Promise<number> {
  exitOnStopSignals();
  exitWhenUnread();
  const moment: Result<Moment | null> = options.at === undefined ? ok(null) : parseMoment(options.at);
  if (!moment.ok) return fail(moment.error, EXIT.wrongUse);
  if (options.recording === undefined) {
    // The walk over the kernel's objects will answer here; until then only a recording can.
    const remedy = 'run whopins record -o FILE, then whopins who --recording FILE';
    return fail(`cannot look at the running kernel's objects yet; ${remedy}`, EXIT.cannotTrace);
  }
  const model = await readModel(options.recording, moment.value);
  if (!model.ok) return fail(model.error, EXIT.unreadable);
  return path === null ? answerAll(model.value, options) : answerOne(model.value, path, options);
}

function fail(message: string, exitCode: number): number {
  say(message);
  return exitCode;
}

async function answerOne(model: Model, path: string, options: WhoOptions): Promise<number> {
  const target = findFile(model, path);
  if (!target.ok) return fail(target.error, EXIT.wrongUse);
  const answer = whoAnswer(model, target.value);
  if (options.json) await printJson(answer);
  else await print(toText(answer));
  return EXIT.fine;
}

/** A path may be given as it looks from the working directory. */
function findFile(model: Model, path: string): Result<InodeKey> {
  const asGiven = findTarget(model, path);
  if (asGiven.ok) return asGiven;
  const absolute = findTarget(model, resolve(path));
  return absolute.ok ? absolute : asGiven;
}

async function answerAll(model: Model, options: WhoOptions): Promise<number> {
  const answers = fileSummaries(model)
    .filter(isPinnedOrWaitedFor)
    .map(({ key }) => whoAnswer(model, key));
  if (options.json) await printJson({ files: answers });
  else
    await print(answers.length === 0 ? 'no file is pinned or waited for\n' : answers.map(toText).join('\n'));
  return EXIT.fine;
}

function isPinnedOrWaitedFor({ pins, waiting }: FileSummary): boolean {
  return pins > 0 || waiting.length > 0;
}

/** Broken into lines for a terminal; one line for each fact where a program reads. */
function toText(answer: WhoAnswer): string {
  const width = process.stdout.columns;
  return whoText(answer, width === undefined ? {} : { width });
}
