/** `whopins` alone: the live dashboard where this user can trace, otherwise a recording that shows what it would be. */
import { join } from 'node:path';
import { packageRoot } from '../capture/package-root.ts';
import { showLive } from './live.ts';
import { say } from './output.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import { refuseDashboard } from './show-dashboard.ts';
import { watchStopSignals } from './signals.ts';
import { startTracing, type Tracer } from './tracing.ts';

/** Recorded on a real kernel; dashboards/demo/README.md tells how. */
function bundledRecording(): string {
  return join(packageRoot(), 'dashboards', 'demo', 'rdma-handed-over.ndjson.gz');
}

/** Starts what this user can have; returns the exit code. Without a terminal, the same as text. */
export async function start(tracer: Tracer): Promise<number> {
  const hasTerminal = refuseDashboard() === null;
  const signals = watchStopSignals();
  const tracing = { command: null, pointers: 'raw', signal: signals.stop, walk: true } as const;
  const session = await startTracing(tracer, tracing);
  if (session.ok) return showLive(session.value, hasTerminal ? 'dashboard' : 'plain', signals);
  const interrupted = signals.exitCode();
  signals.release();
  if (interrupted !== null) return interrupted;
  const notice = `This is a bundled recording, not this host. ${session.error}`;
  say(notice);
  return hasTerminal
    ? replay(bundledRecording(), { show: 'dashboard', follow: false, notice })
    : report(bundledRecording(), { json: false });
}
