/** The loop between keys, time and paint, on a surface in memory. The real terminal has its own tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runDashboard } from '../../dashboards/app.ts';
import type { Surface } from '../../dashboards/surface.ts';
import { createTextSurface, type TextSurface } from '../../dashboards/text-surface.ts';
import { eventLine } from '../../src/report/event-line.ts';
import { HANDED_OVER, HEADER } from './made-up-trace.ts';
import { repeatable } from './recorded-story.ts';

interface Run {
  readonly surface: TextSurface;
  readonly ended: Promise<number>;
  readonly quits: () => number;
}

function run(replace: (surface: TextSurface) => Surface = (surface) => surface): Run {
  const surface = createTextSurface({ width: 80, height: 24 });
  let quits = 0;
  const ended = runDashboard({
    header: HEADER,
    shown: { mode: 'replay', batches: repeatable(HANDED_OVER) },
    describe: eventLine,
    keeper: null,
    surface: replace(surface),
    async onQuit() {
      assert.ok(surface.isClosed(), 'the terminal is given back before anything else');
      quits += 1;
    },
  });
  return { surface, ended, quits: () => quits };
}

async function waitFor({ surface }: Run, pattern: RegExp): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (pattern.test(surface.rows().join('\n'))) return;
    await sleep(20);
  }
  assert.fail(`the screen never showed ${pattern}:\n${surface.rows().join('\n')}`);
}

test('a recording is shown, its end reached by a key, and q ends it with 0', async () => {
  const shown = run();
  await waitFor(shown, /▶ playing/);
  shown.surface.press('G');
  await waitFor(shown, /■ at its end[\s\S]*held by +rdma\[406\] through uverbs fd 3/);
  shown.surface.press('q');
  assert.equal(await shown.ended, 0);
  assert.equal(shown.quits(), 1);
});

test('Ctrl-C ends it as the signal would', async () => {
  const shown = run();
  await waitFor(shown, /playing/);
  shown.surface.press('ctrl-c');
  assert.equal(await shown.ended, 130);
  assert.equal(shown.quits(), 1);
});

test('a resize is painted though nothing else changed', async () => {
  const shown = run();
  shown.surface.press('G');
  await waitFor(shown, /at its end/);
  shown.surface.resize({ width: 40, height: 10 });
  await waitFor(shown, /too small: 40×10/);
  shown.surface.press('q');
  await shown.ended;
});

test('an exception while painting closes the surface, is told, and ends with 1', async (t) => {
  const told = t.mock.method(console, 'error', () => {});
  const shown = run((surface) => ({
    ...surface,
    draw() {
      throw new Error('no paint');
    },
  }));
  assert.equal(await shown.ended, 1);
  assert.equal(shown.quits(), 1);
  assert.match(String(told.mock.calls[0]?.arguments[0]), /given the terminal back[\s\S]*no paint/);
});

test('afterwards no listener is left on the process', async () => {
  const count = (): readonly number[] =>
    ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException'].map((name) => process.listenerCount(name));
  const before = count();
  const shown = run();
  await waitFor(shown, /playing/);
  assert.notDeepEqual(count(), before);
  shown.surface.press('q');
  await shown.ended;
  assert.deepEqual(count(), before);
});
