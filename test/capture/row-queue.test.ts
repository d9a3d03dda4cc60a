import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ok } from '../../src/base/result.ts';
import type { SourceRow } from '../../src/capture/ndjson-source.ts';
import { createRowQueue } from '../../src/capture/row-queue.ts';

function rows(count: number, from = 0): readonly SourceRow[] {
  return Array.from({ length: count }, (_, index) => ({ text: String(from + index), parsed: ok(null) }));
}

/** A queue behind a stream that only remembers whether it flows. */
function setUp() {
  const stream = {
    isPaused: false,
    pause() {
      stream.isPaused = true;
    },
    resume() {
      stream.isPaused = false;
    },
  };
  const queue = createRowQueue(stream);
  return { stream, queue, reader: queue.rows[Symbol.asyncIterator]() };
}

describe('a row queue', () => {
  it('hands out all rows in their order, of a flood never many at once', async () => {
    const { queue } = setUp();
    queue.push(rows(2500));
    queue.push([]);
    queue.push(rows(3, 2500));
    queue.end();
    const texts: string[] = [];
    for await (const batch of queue.rows) {
      assert.ok(batch.length > 0 && batch.length <= 1024);
      texts.push(...batch.map(({ text }) => text));
    }
    assert.deepEqual(
      texts,
      rows(2503).map(({ text }) => text),
    );
  });

  it('lets the stream pause until the next turn of the event loop when enough came in this one', async () => {
    const { stream, queue } = setUp();
    queue.push(rows(400));
    assert.equal(stream.isPaused, false);
    queue.push(rows(400));
    assert.equal(stream.isPaused, true);
    await setImmediate();
    assert.equal(stream.isPaused, false);
    queue.push(rows(400));
    assert.equal(stream.isPaused, false, 'the next turn begins anew');
  });

  it('holds the stream up while the reader is far behind, until it has caught up by half', async () => {
    const { stream, queue, reader } = setUp();
    queue.push(rows(60_000));
    await setImmediate();
    assert.equal(stream.isPaused, true);
    let left = 60_000;
    while (left > 25_000) {
      assert.equal(stream.isPaused, true);
      const { value } = await reader.next();
      left -= value?.length ?? 0;
    }
    assert.equal(stream.isPaused, false);
  });

  it('lets the stream flow on once its reader has left, and drops what comes', async () => {
    const { stream, queue, reader } = setUp();
    queue.push(rows(60_000));
    await reader.next();
    assert.equal(stream.isPaused, true);
    await reader.return?.();
    await setImmediate();
    assert.equal(stream.isPaused, false);
    queue.push(rows(60_000));
    await setImmediate();
    assert.equal(stream.isPaused, false, 'nothing waits for anybody');
    assert.equal((await reader.next()).done, true);
  });

  it('wakes a reader that waits for rows, or for the end', async () => {
    const { queue, reader } = setUp();
    const first = reader.next();
    await setImmediate();
    queue.push(rows(1));
    assert.deepEqual((await first).value, rows(1));
    const last = reader.next();
    await setImmediate();
    queue.end();
    assert.equal((await last).done, true);
  });
});
