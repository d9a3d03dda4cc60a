/** A glance at a file must show what the whole answer shows: on real recordings, after each event, and on any events. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyEvent, createModel, glanceAt, type Model, whoAnswer } from '../../../src/model/model.ts';
import { HEADER } from '../../dashboards/made-up-trace.ts';
import { glanceOf } from '../../dashboards/scenes.ts';
import { eventsOfGolden, readGoldens } from '../../fixtures/golden.ts';
import { assertProperty } from '../../property.ts';
import { eventsArbitrary } from '../arbitrary.ts';

function assertGlances(model: Model, told: string): number {
  for (const key of model.inodes.keys())
    assert.deepEqual(glanceAt(model, key), glanceOf(whoAnswer(model, key)), `${told} ${key}`);
  return model.inodes.size;
}

test('of every golden recording, from its beginning to its end', () => {
  let looked = 0;
  for (const golden of readGoldens()) {
    const { name, header } = golden;
    const model = createModel(header);
    for (const [number, event] of eventsOfGolden(golden).entries()) {
      applyEvent(model, event);
      looked += assertGlances(model, `${name} after event ${number}`);
    }
  }
  assert.ok(looked > 4_000, `${looked} files were looked at`);
});

test('whatever happened', () => {
  assertProperty(
    fc.property(eventsArbitrary(), (events) => {
      const model = createModel(HEADER);
      for (const event of events) applyEvent(model, event);
      assertGlances(model, 'at the end');
    }),
    300,
  );
});
