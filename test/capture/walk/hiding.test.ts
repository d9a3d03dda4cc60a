/** Where hidden files are visited, and what the budget of visits allows. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ROUNDS } from '../../../src/capture/walk/compose.ts';
import { planVisits } from '../../../src/capture/walk/hiding.ts';
import { MOST_VISITS } from '../../../src/capture/walk/placeholders.ts';
import { madeUpGrounds } from './canned.ts';
import { ENDS, openEnd, PIPE } from './scenes.ts';

const hideout = (n: number, entries = 1) => ({ file: `-${n}`, object: `-${n}00`, entries });
const plan = (...hideouts: Parameters<typeof planVisits>[1][number][]) => {
  const { opened, placeholders } = madeUpGrounds({}, [openEnd(256, 3, ENDS[0])]);
  return planVisits(opened, hideouts, placeholders);
};

describe('visits', () => {
  it('lead to what the descriptor has, or to what hides behind ours', () => {
    const { hidden, placeOf } = plan(hideout(1));
    const fd = hidden[0]?.placeholder.fd;
    assert.deepEqual(placeOf({ pid: '256', fd: '3' }), {
      file: ENDS[0],
      object: PIPE,
      group: '256:3',
      visits: 1,
    });
    const own = { pid: String(process.pid), fd: String(fd) };
    assert.deepEqual(placeOf(own), { file: '-1', object: '-100', group: '-1', visits: 1 });
    assert.equal(placeOf({ pid: '256', fd: '9' }), null);
  });

  it('of a large object are descriptors in a row, and count as one', () => {
    const { hidden, placeOf } = plan(hideout(1, 4 * ROUNDS), hideout(2));
    const [large, small] = hidden.map(({ placeholder }) => placeholder);
    assert.ok(large && small);
    assert.ok(large.visits * ROUNDS > 4 * ROUNDS, 'room for all its entries, and for what stands between');
    const places = Array.from({ length: large.visits }, (_, n) =>
      placeOf({ pid: String(process.pid), fd: String(large.fd + n) }),
    );
    for (const place of places) {
      assert.deepEqual(place, { file: '-1', object: '-100', group: '-1', visits: large.visits });
    }
    assert.ok(small.fd >= large.fd + large.visits, 'no descriptor stands for two');
  });

  it('tell things inside one file apart', () => {
    const { hidden, placeOf } = plan({ ...hideout(1), inner: '-5' }, { ...hideout(1), inner: '-6' });
    assert.deepEqual(
      hidden.map(({ inner }) => inner),
      ['-5', '-6'],
    );
    const groups = hidden.map(
      ({ placeholder: { pid, fd } }) => placeOf({ pid: String(pid), fd: String(fd) })?.group,
    );
    assert.equal(new Set(groups).size, 2);
  });

  it('are no more in all than is asked for at most', () => {
    const { hidden } = plan(...Array.from({ length: MOST_VISITS + 5 }, (_, n) => hideout(n + 1)));
    assert.equal(hidden.length, MOST_VISITS);
    const huge = plan(hideout(1, 1e9), hideout(2)).hidden;
    assert.deepEqual(
      huge.map(({ placeholder }) => placeholder.visits),
      [MOST_VISITS],
    );
  });
});
