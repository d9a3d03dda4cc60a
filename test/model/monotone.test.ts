/** What was found stays found, whatever else happens later to others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../src/event/event.ts';
import type { Finding } from '../../src/model/answer.ts';
import { applyEvent, findings, type Model } from '../../src/model/model.ts';
import { assertProperty } from '../property.ts';
import { eventsArbitrary, moveAway } from './arbitrary.ts';
import { play } from './rows.ts';
import { handedOver, leaseBreak, rdmaHandedOver, until } from './stories.ts';
import { actsArbitrary, happen } from './world.ts';

function namesOf(found: readonly Finding[]): string[] {
  return found.map(({ id, file, start_ns }) => `${id} ${file.dev}:${file.ino} ${start_ns}`).sort();
}

function assertKept(model: Model, later: readonly Event[]): void {
  const before = namesOf(findings(model));
  for (const event of later) applyEvent(model, event);
  const after = new Set(namesOf(findings(model)));
  assert.deepEqual(
    before.filter((name) => !after.has(name)),
    [],
  );
}

const stories = { leaseBreak, rdmaHandedOver, handedOver: () => handedOver('once') };

for (const [name, events] of Object.entries(stories)) {
  test(`findings of ${name}, at any moment of it, outlive unrelated events`, () => {
    assertProperty(
      fc.property(eventsArbitrary(60), fc.integer({ min: 10, max: 120 }), (others, tenths) => {
        assertKept(play(until(tenths / 10, events())), moveAway(others, 20_000_000_000));
      }),
      200,
    );
  });
}

test('findings of any plausible world outlive unrelated events', () => {
  assertProperty(
    fc.property(actsArbitrary, eventsArbitrary(60), (acts, others) => {
      assertKept(play(happen(acts).events), moveAway(others, 60_000_000_000));
    }),
    200,
  );
});
