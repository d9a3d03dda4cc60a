/** `whopins replay FILE`: a recording, played. */
import { openRecording, readEvents } from '../recording/reader.ts';
import { EXIT } from './exit-codes.ts';
import type { Show } from './live.ts';
import { exitWhenUnread, say } from './output.ts';
import { printEvents } from './print-events.ts';
import { refuseDashboard, showDashboard } from './show-dashboard.ts';
import { exitOnStopSignals } from './signals.ts';

export interface ReplayOptions {
  readonly show: Show;
  /** The recording is still being written: wait at its end for more. */
  readonly follow: boolean;
  readonly notice?: string;
}

/** Plays a recording; returns the exit code. */
export async function replay(path: string, options: ReplayOptions): Promise<number> {
  const refusal = options.show === 'dashboard' ? refuseDashboard() : null;
  if (refusal !== null) {
    say(refusal);
    return EXIT.wrongUse;
  }
  const release = exitOnStopSignals();
  const quit = new AbortController();
  const recording = await openRecording(path, options.follow ? quit.signal : undefined);
  if (!recording.ok) {
    say(recording.error);
    return EXIT.unreadable;
  }
  const source = readEvents(recording.value);
  if (options.show !== 'dashboard') {
    exitWhenUnread();
    await printEvents(source, options.show);
    return EXIT.fine;
  }
  // From here on the dashboard hears the signals: it has a terminal to give back.
  release();
  const close = async () => {
    quit.abort();
    await source.close();
  };
  return showDashboard({
    source: { ...source, close },
    mode: options.follow ? 'live' : 'replay',
    ...(options.notice === undefined ? {} : { notice: options.notice }),
  });
}
