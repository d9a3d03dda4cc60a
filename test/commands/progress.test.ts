import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  createProgress,
  followProgress,
  type ProgressPlace,
  progressText,
} from '../../src/commands/progress.ts';
import type { Event } from '../../src/event/event.ts';
import { HEADER } from '../fixtures/recordings.ts';

/** A terminal, or none, and a clock that a test moves. */
function place(isWatched: boolean) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const there: ProgressPlace = {
    isWatched,
    write: (text) => written.push(text),
    nowMs: () => clock.ms,
  };
  return { written, clock, there };
}

it('tells rows, rows a second, the share and the time left', () => {
  assert.equal(
    progressText('reading', 1_200_000, 3000, 0.34),
    'reading: 1,200,000 rows, 400,000 rows/s, 34 %, 5.82 s left',
  );
  assert.equal(progressText('reading', 1200, 2000, null), 'reading: 1,200 rows, 600 rows/s');
  assert.equal(progressText('reading', 0, 0, 0.001), 'reading: 0 rows, 0 rows/s');
});

it('is one line of a terminal, written over, and gone at the end', () => {
  const { written, clock, there } = place(true);
  const progress = createProgress('exporting', there);
  progress.add(100, 0.1);
  assert.deepEqual(written, [], 'work that takes no time says nothing');
  clock.ms = 1000;
  progress.add(100, 0.5);
  progress.add(100, 0.6);
  clock.ms = 1300;
  progress.add(100, 0.7);
  progress.end();
  assert.deepEqual(written, [
    '\r\x1b[Kwhopins: exporting: 200 rows, 200 rows/s, 50 %, 1.0 s left',
    '\r\x1b[Kwhopins: exporting: 400 rows, 308 rows/s, 70 %, 557 ms left',
    '\r\x1b[K',
  ]);
});

it('is silent where nobody watches', () => {
  const { written, clock, there } = place(false);
  const progress = createProgress('exporting', there);
  clock.ms = 60_000;
  progress.add(1_000_000, 0.5);
  progress.end();
  assert.deepEqual(written, []);
});

it('follows a source, and goes away also when its reader leaves early', async () => {
  const { written, clock, there } = place(true);
  const beat: Event[] = [];
  async function* batches() {
    for (let n = 0; n < 5; n += 1) yield beat;
  }
  const source = { header: HEADER, batches: batches(), close: async () => {}, share: () => 0.2 };
  let read = 0;
  for await (const _events of followProgress(source, 'reading', there).batches) {
    clock.ms += 1000;
    read += 1;
    if (read === 3) break;
  }
  assert.equal(written.length, 3);
  assert.match(written[0] ?? '', /20 %/);
  assert.equal(written.at(-1), '\r\x1b[K');
});
