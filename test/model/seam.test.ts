/** Recordings that were joined: nothing that lived in one lives in the next, and what was lost stays lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BootNs, Event, InodeKey } from '../../src/event/event.ts';
import { applyEvent, coverage, whoAnswer } from '../../src/model/model.ts';
import { a, b, began, begin, pinBy } from './cast.ts';
import { bye, fired, hello, lost, play, row } from './rows.ts';

const KEY = '259:0:131' as InodeKey;
const seam: Event = { kind: 'stream.seam', ts: 9e9 as BootNs, why: 'another recording follows' };

test('what lived when one recording ended is nobody’s in the next, whatever its pointers are', () => {
  const model = play([...begin, ...pinBy(a, 1, 500), began(2), seam]);
  const [pin] = whoAnswer(model, KEY).holders;
  assert.deepEqual([pin?.ended_ns, pin?.certainty], [9e9, 'likely']);
  // The clock begins anew, and the pointers mean other things.
  for (const event of [hello(1), ...pinBy(b, 2, 500), row(3, b, 'beat')]) applyEvent(model, event);
  const [second, ...others] = whoAnswer(model, KEY).holders;
  assert.deepEqual(
    [second?.taken_by?.pid, second?.since_ns, second?.ended_ns, others.length],
    [11, 2e9, undefined, 0],
  );
  assert.equal(coverage(model).now_ns, 3e9);
});

test('rows that were lost before the seam stay lost, and the counters begin anew', () => {
  const first = [...begin, lost(1, 5), bye(2), fired(2, { hello: 1, 'task.forked': 10, bye: 1 }, true)];
  const model = play([...first, seam, hello(1), bye(2), fired(2, { hello: 1, bye: 1 }, true)]);
  assert.equal(coverage(model).rows.lost, 7);
  assert.equal(coverage(model).ended, true);
});
