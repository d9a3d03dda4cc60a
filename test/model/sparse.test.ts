/** Empty collections are shared: none of them may ever get an item. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEvent } from '../../src/model/model.ts';
import { noEntries, noItems, withEntry, withItem, withoutItem, withoutKey } from '../../src/model/sparse.ts';
import { play } from './rows.ts';
import { rdmaHandedOver } from './stories.ts';

test('an item is added to a new Set, never to the empty one', () => {
  const one = withItem(noItems<string>(), 'a');
  assert.deepEqual([...one], ['a']);
  assert.equal(noItems().size, 0);
  assert.equal(withItem(one, 'b'), one);
  assert.deepEqual([...one], ['a', 'b']);
});

test('a Set that lost its last item is the empty one again', () => {
  const two = withItem(withItem(noItems<string>(), 'a'), 'b');
  assert.equal(withoutItem(two, 'a'), two);
  assert.equal(withoutItem(two, 'b'), noItems());
  assert.equal(withoutItem(noItems(), 'a'), noItems());
});

test('Maps are treated alike', () => {
  const map = withEntry(noEntries<string, number>(), 'a', 1);
  assert.equal(withEntry(map, 'b', 2), map);
  assert.equal(withoutKey(map, 'a'), map);
  assert.deepEqual([...map], [['b', 2]]);
  assert.equal(withoutKey(map, 'b'), noEntries());
  assert.equal(noEntries().size, 0);
});

test('a copy of a model has an empty Set of its own, which stays empty while the copy goes on', () => {
  const events = rdmaHandedOver();
  for (const half of events.keys()) {
    const copy = structuredClone(play(events.slice(0, half)));
    for (const event of events.slice(half)) applyEvent(copy, event);
    assert.deepEqual(copy, play(events));
  }
});
