/** `whopins who [PATH]`: one answer about one file, or about each file that is pinned or waited for. */
import { resolve } from 'node:path';
import { ok, type Result } from '../base/result.ts';
import type { InodeKey } from '../event/event.ts';
import { findTarget, type Model } from '../model/model.ts';
import { EXIT } from './exit-codes.ts';
import { type Moment, parseMoment } from './moment.ts';
import { exitWhenUnread, fail } from './output.ts';
import { askAbout, askAboutAll, printAnswer } from './question.ts';
import { readModel } from './recorded-model.ts';
import { exitOnStopSignals } from './signals.ts';
import type { Tracer } from './tracing.ts';
import { whoNow } from './who-now.ts';

export interface WhoOptions {
  readonly recording?: string;
  /** As the user wrote it. */
  readonly at?: string;
  /** Seconds between two looks; null: one look. */
  readonly watch: number | null;
  readonly json: boolean;
}

/** Prints the answer, of a recording or of the running kernel; returns the exit code. */
export async function who(path: string | null, options: WhoOptions, tracer: Tracer): Promise<number> {
  exitWhenUnread();
  const { recording, at, watch, json } = options;
  if (recording !== undefined) return whoThen(path, { recording, at, json });
  if (at !== undefined) {
    return fail('the running kernel can only be asked about now: --at needs --recording', EXIT.wrongUse);
  }
  return whoNow(path, { watch, json }, tracer);
}

interface ThenOptions {
  readonly recording: string;
  readonly at: string | undefined;
  readonly json: boolean;
}

async function whoThen(path: string | null, { recording, at, json }: ThenOptions): Promise<number> {
  exitOnStopSignals();
  const moment: Result<Moment | null> = at === undefined ? ok(null) : parseMoment(at);
  if (!moment.ok) return fail(moment.error, EXIT.wrongUse);
  const model = await readModel(recording, moment.value);
  if (!model.ok) return fail(model.error, EXIT.unreadable);
  const target = path === null ? ok(null) : findFile(model.value, path);
  if (!target.ok) return fail(target.error, EXIT.wrongUse);
  const question = target.value === null ? askAboutAll : askAbout(target.value);
  await printAnswer(question(model.value), json);
  return EXIT.fine;
}

/** A path may be given as it looks from the working directory. */
function findFile(model: Model, path: string): Result<InodeKey> {
  const asGiven = findTarget(model, path);
  if (asGiven.ok) return asGiven;
  const absolute = findTarget(model, resolve(path));
  return absolute.ok ? absolute : asGiven;
}
