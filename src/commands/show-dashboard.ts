/** The way into the dashboard: it is loaded only when it is shown, because its terminal library takes time. */
import type { Keeper, Shown } from '../../dashboards/app.ts';
import { readTerminalFacts, refuseTerminal } from '../../dashboards/surface.ts';
import { ok, type Result } from '../base/result.ts';
import type { Header } from '../event/header.ts';
import { copyToNew, writeNewText } from '../recording/keep.ts';
import { eventLine } from '../report/event-line.ts';
import type { LiveRecorder } from './live-recorder.ts';

export interface Showing {
  readonly header: Header;
  readonly shown: Shown;
  readonly keeper: Keeper;
  /** One line to be seen all the time. */
  readonly notice?: string;
  readonly onQuit: () => Promise<void>;
}

/** Why there can be no dashboard here, in one line; null if there can. */
export function refuseDashboard(): string | null {
  return refuseTerminal(readTerminalFacts());
}

/** Shows a dashboard until the user leaves it; returns the exit code. */
export async function showDashboard(showing: Showing): Promise<number> {
  const { runDashboard } = await import('../../dashboards/app.ts');
  return runDashboard({ ...showing, describe: eventLine });
}

/** What can be kept of a live trace. */
export function keepLive({ start, stop, recordingTo }: LiveRecorder): Keeper {
  return { writeText, record: start, stopRecording: stop, recordingTo };
}

/** What can be kept of a recording: a copy of it. */
export function keepRecording(path: string): Keeper {
  return {
    writeText,
    async record(copy) {
      const copied = await copyToNew(path, copy);
      return copied.ok ? ok(`the recording was copied to ${copy}`) : copied;
    },
    stopRecording: async () => ok('nothing was being recorded'),
    recordingTo: () => null,
  };
}

async function writeText(path: string, text: string): Promise<Result<string>> {
  const written = await writeNewText(path, `${text}\n`);
  return written.ok ? ok(`written to ${path}`) : written;
}
