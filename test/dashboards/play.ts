/**
 * Runs the whole dashboard for the terminal tests: `play.ts live|replay [WHAT]`. A child process stands for the
 * bpftrace that must not be left behind. WHAT happens on SIGUSR2: `break` (a lease break begins), `cut` (the trace
 * ends by itself), `throw` (an error that nobody catches), `reject` (a promise that nobody awaits).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { runDashboard } from '../../dashboards/app.ts';
import { readTerminalFacts, refuseTerminal } from '../../dashboards/surface.ts';
import type { Event } from '../../src/event/event.ts';
import { eventLine } from '../../src/report/event-line.ts';
import { HANDED_OVER, HEADER, LEASE_BREAK, row } from './made-up-trace.ts';

const [mode, what] = process.argv.slice(2);
const cue = once(process, 'SIGUSR2');
if (what === 'throw')
  process.on('SIGUSR2', () => {
    throw new Error('made-up fault');
  });
if (what === 'reject') process.on('SIGUSR2', () => void Promise.reject(new Error('made-up fault')));

const recording: AsyncIterable<readonly Event[]> = {
  async *[Symbol.asyncIterator]() {
    yield HANDED_OVER.slice(0, 8);
    yield HANDED_OVER.slice(8);
  },
};

async function* trace(): AsyncGenerator<readonly Event[]> {
  yield HANDED_OVER;
  await cue;
  if (what === 'break') yield LEASE_BREAK;
  if (what === 'cut') {
    yield [{ kind: 'stream.cut', ts: 102.5e9 as Event['ts'], why: 'bpftrace was killed by SIGKILL' }];
    return;
  }
  for (let seconds = 3; ; seconds += 1) {
    yield [row('beat', seconds, 1, {})];
    await sleep(1000, undefined, { ref: false });
  }
}

const refusal = refuseTerminal(readTerminalFacts());
if (refusal !== null) {
  console.error(`whopins: ${refusal}`);
  process.exit(2);
}
const tracer = spawn('sleep', ['600'], { stdio: 'ignore' });
console.log(`pid=${process.pid} child=${tracer.pid} .`);
process.exitCode = await runDashboard({
  header: HEADER,
  shown: mode === 'live' ? { mode, batches: trace() } : { mode: 'replay', batches: recording },
  describe: eventLine,
  keeper: null,
  notice: 'a made-up story for tests',
  async onQuit() {
    const ended = once(tracer, 'exit');
    tracer.kill('SIGINT');
    await ended;
  },
});
