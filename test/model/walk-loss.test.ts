/** Rows of a walk that are missing: nobody but the walk counts them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/event.ts';
import { coverage } from '../../src/model/model.ts';
import { hello, play, row } from './rows.ts';
import { answer, B, C, owner, pinned, pipeOf, RAW, sleeping, walk } from './walked.ts';

const finds = [...pipeOf(B), pinned(), owner(), sleeping(C)];
const whole = walk(10, finds, { rows: finds.length + 2 });
const later = row(20, B, 'beat');

function without(i: number): Event[] {
  return [hello(1), ...whole.filter((_, each) => each !== i), later];
}

test('a walk of which all rows are there is certain', () => {
  assert.equal(answer([hello(1), ...whole, later]).certainty, 'definite');
  assert.equal(coverage(play([hello(1), ...whole], RAW)).rows.lost, 0);
});

test('a walk that lacks a row says so, whichever it is', () => {
  for (const [i, event] of whole.entries()) {
    const given = answer(without(i));
    assert.notEqual(given.certainty, 'definite', event.kind);
    assert.ok(
      given.reasons.some((reason) => /of a walk lost|walk was not finished/.test(reason)),
      `${event.kind}: ${given.reasons}`,
    );
  }
});

test('a second walk that lacks rows ends nothing that the first one showed', () => {
  const second = walk(12, [...pipeOf(B), pinned(), owner()], { rows: 6 });
  const shown = (rows: readonly Event[]) => answer(rows).holders.map(({ ended_ns }) => ended_ns);
  const cut = second.filter(({ kind }) => kind !== 'walk.pinned');
  assert.deepEqual(shown([hello(1), ...whole, ...cut]), [undefined]);
  const empty = walk(12, [], { rows: 2 });
  assert.deepEqual(shown([hello(1), ...whole, ...empty]), [12e9]);
});
