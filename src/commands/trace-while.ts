/** Traces into a model for some time, while a command runs, or until stopped. */
import { setTimeout as sleep } from 'node:timers/promises';
import { err, ok, type Result } from '../base/result.ts';
import { readSession } from '../capture/live-source.ts';
import type { Session } from '../capture/session.ts';
import { runCommand, type TracedCommand } from '../capture/traced-command.ts';
import { applyEvent, createModel, type Model } from '../model/model.ts';
import { say, sayProgress } from './output.ts';
import { watchStopSignals } from './signals.ts';
import { startTracing, type Tracer } from './tracing.ts';

export interface TraceOptions {
  /** Empty: none. */
  readonly command: readonly string[];
  readonly commandOutput: 'stdout' | 'stderr';
  /** Null: until the command ends, or until stopped. */
  readonly forMs: number | null;
  readonly walk: boolean;
}

export interface Traced {
  readonly model: Model;
  /** Why tracing ended before its time; null where it did not. */
  readonly cut: string | null;
  readonly commandExit: number;
  /** The exit code that a signal asked for; null where none came. */
  readonly signalled: number | null;
}

export interface NotTraced {
  /** One line. */
  readonly message: string;
  readonly signalled: number | null;
}

/** After a command's end its last closes, exits and deferred unpins are still on their way. */
const SETTLE_MS = 1000;

/** Traces, and gives back what was learnt. */
export async function traceWhile(options: TraceOptions, tracer: Tracer): Promise<Result<Traced, NotTraced>> {
  const { command: words, commandOutput, forMs, walk } = options;
  const signals = watchStopSignals();
  const session = await startTracing(tracer, {
    command: words.length > 0 ? words : null,
    pointers: 'raw',
    signal: signals.stop,
    walk,
  });
  if (!session.ok) return err({ message: session.error, signalled: signals.exitCode() });
  signals.stop.addEventListener('abort', session.value.stop, { once: true });
  if (signals.stop.aborted) session.value.stop();
  const model = createModel(session.value.header);
  const reading = readInto(model, session.value);
  if (walk) sayProgress('looking at what the kernel holds already');
  await session.value.walk();
  const command = signals.stop.aborted ? null : begin();
  await reading;
  // Tracing may have ended first; the command's end is still what we are waited for.
  const commandExit = (await command?.exited) ?? 0;
  signals.release();
  return ok({ model, cut: model.coverage.cut, commandExit, signalled: signals.exitCode() });

  function begin(): TracedCommand | null {
    const stop = session.ok ? session.value.stop : () => {};
    if (words.length === 0) {
      // Scripts wait for this line.
      if (forMs === null) say('tracing; Ctrl-C or SIGTERM stops it');
      else setTimeout(stop, forMs).unref();
      return null;
    }
    const running = runCommand(words, commandOutput);
    signals.stop.addEventListener('abort', running.terminate, { once: true });
    void running.exited.then((code) => {
      if (code === 127 || code === 126) say(`cannot run ${words[0]}`);
      return sleep(SETTLE_MS).then(stop);
    });
    return running;
  }
}

async function readInto(model: Model, session: Session): Promise<void> {
  for await (const events of readSession(session).batches) {
    for (const event of events) applyEvent(model, event);
  }
}
