/** `whopins live`: what happens on this host or another machine, as it happens. */
import type { Filter } from '../capture/filter.ts';
import { readSession } from '../capture/live-source.ts';
import type { Session } from '../capture/session.ts';
import type { EventBatchSource } from '../event/stream.ts';
import { EXIT } from './exit-codes.ts';
import { createLiveRecorder } from './live-recorder.ts';
import { exitWhenUnread, fail, say, sayProgress } from './output.ts';
import { type EventFormat, printEvents } from './print-events.ts';
import { keepLive, refuseDashboard, showDashboard } from './show-dashboard.ts';
import { type StopSignals, watchStopSignals } from './signals.ts';
import { startTracing, type Tracer } from './tracing.ts';

export type Show = 'dashboard' | EventFormat;

export interface LiveOptions {
  readonly show: Show;
  /** Whether to begin with a walk, so that what was there before is known. */
  readonly walk: boolean;
  /** What the run is narrowed to. */
  readonly filter: Filter;
  /** The machine to trace, as ssh calls it; null: this one. */
  readonly on: string | null;
}

/** Traces and shows until stopped; returns the exit code. */
export async function live({ show, walk, filter, on }: LiveOptions, tracer: Tracer): Promise<number> {
  const refusal = show === 'dashboard' ? refuseDashboard() : null;
  if (refusal !== null) return fail(refusal, EXIT.wrongUse);
  const signals = watchStopSignals();
  const tracing = { command: null, pointers: 'raw', signal: signals.stop, walk, filter, on } as const;
  const session = await startTracing(tracer, tracing);
  if (!session.ok) return fail(session.error, signals.exitCode() ?? EXIT.cannotTrace);
  return showLive(session.value, show, signals);
}

/** Shows a session that runs already. It walks while it is shown: what it finds appears when it is there. */
export async function showLive(session: Session, show: Show, signals: StopSignals): Promise<number> {
  void session.walk();
  return show === 'dashboard'
    ? watchSession(session, signals)
    : printSource(readSession(session), show, signals);
}

async function watchSession(running: Session, signals: StopSignals): Promise<number> {
  // From here on the dashboard hears the signals: it has a terminal to give back.
  signals.release();
  const recorder = createLiveRecorder(running);
  const { header, batches, close } = readSession(recorder.session);
  return showDashboard({
    header,
    shown: { mode: 'live', batches },
    keeper: keepLive(recorder),
    async onQuit() {
      sayProgress('waiting for bpftrace to end');
      await close();
      if (recorder.recordingTo() !== null) await recorder.stop();
    },
  });
}

async function printSource(
  source: EventBatchSource,
  show: EventFormat,
  signals: StopSignals,
): Promise<number> {
  exitWhenUnread();
  signals.stop.addEventListener('abort', () => void source.close(), { once: true });
  if (signals.stop.aborted) void source.close();
  const cut = await printEvents(source, show);
  if (cut !== null) say(`tracing ended early: ${cut}; what was printed before it holds`);
  return signals.exitCode() ?? (cut === null ? EXIT.fine : EXIT.cannotTrace);
}
