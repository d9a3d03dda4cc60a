/** The way into the dashboard: it is loaded only when it is shown, because its terminal library takes time. */
import { readTerminalFacts, refuseTerminal } from '../../dashboards/surface.ts';
import type { EventBatchSource } from '../event/stream.ts';

export interface Showing {
  readonly source: EventBatchSource;
  readonly mode: 'live' | 'replay';
  /** One line to be seen all the time. */
  readonly notice?: string;
}

/** Why there can be no dashboard here, in one line; null if there can. */
export function refuseDashboard(): string | null {
  return refuseTerminal(readTerminalFacts());
}

/** Shows a dashboard until the user leaves it; returns the exit code. */
export async function showDashboard({ source, ...showing }: Showing): Promise<number> {
  const { runDashboard } = await import('../../dashboards/app.ts');
  const { header, batches } = source;
  return runDashboard({ header, batches, ...showing, onQuit: () => source.close() });
}
