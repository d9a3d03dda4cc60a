/** `whopins live`: what happens on this host, as it happens. */
import { readSession } from '../capture/live-source.ts';
import type { EventBatchSource } from '../event/stream.ts';
import { EXIT } from './exit-codes.ts';
import { exitWhenUnread, say, sayProgress } from './output.ts';
import { type EventFormat, printEvents } from './print-events.ts';
import { refuseDashboard, showDashboard } from './show-dashboard.ts';
import { type StopSignals, watchStopSignals } from './signals.ts';
import { startTracing, type Tracer } from './tracing.ts';

export type Show = 'dashboard' | EventFormat;

/** Traces and shows until stopped; returns the exit code. */
export async function live(show: Show, tracer: Tracer): Promise<number> {
  const refusal = show === 'dashboard' ? refuseDashboard() : null;
  if (refusal !== null) {
    say(refusal);
    return EXIT.wrongUse;
  }
  const signals = watchStopSignals();
  const session = await startTracing(tracer, { command: null, pointers: 'raw', signal: signals.stop });
  if (!session.ok) {
    say(session.error);
    return signals.exitCode() ?? EXIT.cannotTrace;
  }
  return showLive(readSession(session.value), show, signals);
}

/** Shows a session that runs already. */
export async function showLive(source: EventBatchSource, show: Show, signals: StopSignals): Promise<number> {
  if (show === 'dashboard') {
    // From here on the dashboard hears the signals: it has a terminal to give back.
    signals.release();
    const close = async () => {
      sayProgress('waiting for bpftrace to end');
      await source.close();
    };
    return showDashboard({ source: { ...source, close }, mode: 'live' });
  }
  exitWhenUnread();
  signals.stop.addEventListener('abort', () => void source.close(), { once: true });
  if (signals.stop.aborted) void source.close();
  const cut = await printEvents(source, show);
  if (cut !== null) say(`tracing ended early: ${cut}; what was printed before it holds`);
  return signals.exitCode() ?? (cut === null ? EXIT.fine : EXIT.cannotTrace);
}
