/** `whopins replay FILE`: a recording, played. */
import { openRecording, readEvents } from '../recording/reader.ts';
import { EXIT } from './exit-codes.ts';
import type { Show } from './live.ts';
import { exitWhenUnread, fail } from './output.ts';
import { printEvents } from './print-events.ts';
import { openWatched } from './recorded-model.ts';
import { keepRecording, refuseDashboard, showDashboard } from './show-dashboard.ts';
import { exitOnStopSignals } from './signals.ts';

export interface ReplayOptions {
  readonly show: Show;
  /** The recording is still being written: wait at its end for more. */
  readonly follow: boolean;
  readonly notice?: string;
}

/** Plays a recording; returns the exit code. */
export async function replay(path: string, options: ReplayOptions): Promise<number> {
  const { show, follow } = options;
  const refusal = show === 'dashboard' ? refuseDashboard() : null;
  if (refusal !== null) return fail(refusal, EXIT.wrongUse);
  const release = exitOnStopSignals();
  if (show === 'dashboard') return follow ? watchGrowing(path, release) : watchWhole(path, options, release);
  const recording = await openRecording(path, follow ? new AbortController().signal : undefined);
  if (!recording.ok) return fail(recording.error, EXIT.unreadable);
  exitWhenUnread();
  await printEvents(readEvents(recording.value), show);
  return EXIT.fine;
}

/** `release` leaves the signals to the dashboard: it has a terminal to give back. */
async function watchWhole(path: string, { notice }: ReplayOptions, release: () => void): Promise<number> {
  const trace = await openWatched(path);
  if (!trace.ok) return fail(trace.error, EXIT.unreadable);
  release();
  return showDashboard({
    header: trace.value.header,
    shown: { mode: 'replay', trace: trace.value },
    keeper: keepRecording(path),
    onQuit: async () => {},
    ...(notice === undefined ? {} : { notice }),
  });
}

/** A recording that is still being written is shown as what happens now. */
async function watchGrowing(path: string, release: () => void): Promise<number> {
  const quit = new AbortController();
  const recording = await openRecording(path, quit.signal);
  if (!recording.ok) return fail(recording.error, EXIT.unreadable);
  const { header, batches, close } = readEvents(recording.value);
  release();
  return showDashboard({
    header,
    shown: { mode: 'live', batches },
    keeper: keepRecording(path),
    async onQuit() {
      quit.abort();
      await close();
    },
  });
}
