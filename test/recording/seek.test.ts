/** Seeking through a recording leaves nothing open, however often and however little of it is read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openSeekable } from '../../src/recording/seek.ts';
import { readGoldens } from '../fixtures/golden.ts';
import { openings } from '../fixtures/openings.ts';

const PLACES = [0, 20, 50];

describe('a place in a recording that is left', () => {
  const path = readGoldens().find(({ name }) => name === 'rdma-handed-over.7.3')?.path ?? '';

  it('is closed where none of what follows was read', async () => {
    const trace = await openSeekable(path);
    assert.ok(trace.ok);
    for (const percent of PLACES) {
      const { batches } = await trace.value.seek({ percent });
      assert.equal(await openings(path), 1, `open at ${percent} %`);
      await batches[Symbol.asyncIterator]().return?.();
      assert.equal(await openings(path), 0, `left at ${percent} %`);
    }
  });

  it('is closed where a part, or all of it, was read', async () => {
    const trace = await openSeekable(path);
    assert.ok(trace.ok);
    for await (const _first of (await trace.value.seek({ percent: 20 })).batches) break;
    assert.equal(await openings(path), 0, 'after the first batch');
    for await (const _each of (await trace.value.seek({ percent: 20 })).batches);
    assert.equal(await openings(path), 0, 'at its end');
  });
});
