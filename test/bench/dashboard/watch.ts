/**
 * The live dashboard on a made-up host, measuring itself: frames, keys, rows, memory and CPU, as one JSON object into the
 * file that is its first argument. The keys come from within, at the time that was planned for them: whatever delays them
 * counts.
 */
import { writeFileSync } from 'node:fs';
import { runDashboard } from '../../../dashboards/app.ts';
import { openBlessedSurface } from '../../../dashboards/blessed-surface.ts';
import type { KeyName, Surface } from '../../../dashboards/surface.ts';
import { readSession } from '../../../src/capture/live-source.ts';
import { startSession } from '../../../src/capture/session.ts';
import type { Event } from '../../../src/event/event.ts';
import { eventLine } from '../../../src/report/event-line.ts';

export interface Measured {
  readonly seconds: number;
  readonly rows: number;
  /** Rows that the stand-in counted and that did not come, by its counters; and what it said it lost. */
  readonly missing: number;
  readonly lost: number;
  readonly frameMs: readonly number[];
  readonly keyMs: readonly number[];
  /** Every second, MiB. */
  readonly rss: readonly number[];
  /** Of one core. */
  readonly cpu: number;
  readonly longestGapMs: number;
}

const [output = '', seconds = '60'] = process.argv.slice(2);
/** Until everything is attached, named and seen once. */
const WARM_UP_MS = 5000;
const KEY_EVERY_MS = 370;
/** A tour of all views, rows chosen, files opened, lists searched. */
const KEYS: readonly KeyName[] = [
  ...['down', 'down', 'pagedown', 'enter', 'left', '+', 'escape', 's', 's', 's', 's', 'end', 'home'],
  ...['2', 'down', 'enter', 'escape', '3', 'down', '4', 'up', 'end', '5', 'down', '1', '?', '?', 'y', 'y'],
  ...['f', '1', '2', 'enter', 'down', 'escape'],
];

const session = await startSession({
  offers: { release: '7.3.0-flood', bpftrace: 'v0.27.0', btf: null },
  compose: () => ({
    program: 'flood',
    probes: [{ path: 'lease', hooks: ['kprobe:flood'] }],
    leftOut: [],
    kinds: new Map(),
  }),
  command: null,
  pointers: 'raw',
});
if (!session.ok) throw new Error(session.error.message);

let rows = 0;
let lost = 0;
let missing = 0;
const seen = new Map<string, number>();
let before: ReadonlyMap<string, number> = new Map();

/** Rows of a kind that were counted before the beat before last must all have come. */
function count(event: Event): void {
  if ('cpu' in event) {
    rows += 1;
    seen.set(event.kind, (seen.get(event.kind) ?? 0) + 1);
  }
  if (event.kind === 'stream.lost') lost += event.rows;
  if (event.kind !== 'stream.fired') return;
  missing = 0;
  for (const [kind, fired] of before) missing += Math.max(0, fired - (seen.get(kind) ?? 0));
  before = event.counts;
}

const source = readSession(session.value);
async function* counted(): AsyncGenerator<readonly Event[]> {
  for await (const batch of source.batches) {
    for (const event of batch) count(event);
    yield batch;
  }
}

const terminal = await openBlessedSurface();
let press: (key: KeyName) => void = () => {};
const surface: Surface = {
  ...terminal,
  onKey(listener) {
    press = listener;
    terminal.onKey(listener);
  },
};

const beganMs = performance.now();
const frameMs: number[] = [];
const keyMs: number[] = [];
const rss: number[] = [];
let waitingSinceMs: number | null = null;
let lastFrameMs = 0;
let longestGapMs = 0;
let cpuBefore = process.cpuUsage();
const isWarm = (): boolean => performance.now() - beganMs > WARM_UP_MS;

function onFrame({ beganMs: from, endedMs }: { readonly beganMs: number; readonly endedMs: number }): void {
  if (isWarm()) {
    frameMs.push(endedMs - from);
    if (lastFrameMs > 0) longestGapMs = Math.max(longestGapMs, endedMs - lastFrameMs);
    if (waitingSinceMs !== null) keyMs.push(endedMs - waitingSinceMs);
  }
  lastFrameMs = endedMs;
  waitingSinceMs = null;
}

let nextKey = 0;
let plannedMs = performance.now() + KEY_EVERY_MS;
function pressPlanned(): void {
  press(KEYS[nextKey % KEYS.length] ?? 'down');
  nextKey += 1;
  waitingSinceMs ??= plannedMs;
  plannedMs += KEY_EVERY_MS;
  setTimeout(pressPlanned, plannedMs - performance.now()).unref();
}
setTimeout(pressPlanned, KEY_EVERY_MS).unref();
setInterval(() => rss.push(Math.round(process.memoryUsage.rss() / (1 << 20))), 1000).unref();
setTimeout(() => {
  cpuBefore = process.cpuUsage();
}, WARM_UP_MS).unref();
setTimeout(
  () => {
    const { user, system } = process.cpuUsage(cpuBefore);
    const measuredMs = performance.now() - beganMs - WARM_UP_MS;
    const measured: Measured = {
      seconds: measuredMs / 1000,
      rows,
      missing,
      lost,
      frameMs,
      keyMs,
      rss,
      cpu: (user + system) / 1000 / measuredMs,
      longestGapMs,
    };
    writeFileSync(output, JSON.stringify(measured));
    // A key might be typed into a line that is being asked for.
    process.kill(process.pid, 'SIGTERM');
  },
  Number(seconds) * 1000 + WARM_UP_MS,
).unref();

process.exitCode = await runDashboard({
  header: session.value.header,
  shown: { mode: 'live', batches: counted() },
  describe: eventLine,
  keeper: null,
  surface,
  onFrame,
  onQuit: () => source.close(),
});
