/** `whopins who` without a recording: the running kernel's own objects are looked at, once or until nothing waits. */
import { ok } from '../base/result.ts';
import { resolveTarget } from '../capture/target.ts';
import { EXIT } from './exit-codes.ts';
import { lookAtKernel } from './look.ts';
import { fail, say, sayProgress } from './output.ts';
import { askAbout, askAboutAll, printAnswer } from './question.ts';
import { watchStopSignals } from './signals.ts';
import { findWalkHost, type Tracer } from './tracing.ts';
import { watch } from './watch.ts';

export interface NowOptions {
  /** Seconds between two looks; null: one look. */
  readonly watch: number | null;
  readonly json: boolean;
}

/** Looks, and prints the answer; returns the exit code. */
export async function whoNow(path: string | null, options: NowOptions, tracer: Tracer): Promise<number> {
  const signals = watchStopSignals();
  const host = await findWalkHost(tracer);
  if (!host.ok) return fail(host.error, EXIT.cannotTrace);
  const found = path === null ? ok(null) : await resolveTarget(path);
  if (!found.ok) return fail(found.error, EXIT.wrongUse);
  const target = found.value;
  if (host.value.lacks !== null)
    say(`only /proc can be looked into, so this is less sure: ${host.value.lacks}`);
  for (const note of target?.notes ?? []) say(note);

  const question = target === null ? askAboutAll : askAbout(target.key, target.doubts);
  const look = (onProgress: (text: string) => void) =>
    lookAtKernel(tracer, host.value, { target, signal: signals.stop, onProgress });
  if (options.watch === null) {
    const model = await look(sayProgress);
    if (!signals.stop.aborted) await printAnswer(question(model), options.json);
  } else {
    await watch({
      look: (isFirst) => look(isFirst ? sayProgress : () => {}),
      question,
      everyMs: options.watch * 1000,
      json: options.json,
      stop: signals.stop,
    });
  }
  const exitCode = signals.exitCode() ?? EXIT.fine;
  signals.release();
  return exitCode;
}
