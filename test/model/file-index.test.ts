/** The index of files must end with what a fresh look at all of them would tell, however it came there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { byTies, byTrouble, byWeight, troubleRank } from '../../dashboards/trouble.ts';
import { applyEvent, createModel, fileSummaries, findings } from '../../src/model/model.ts';
import { createFileIndex } from '../../src/model/select/file-index.ts';
import { HANDED_OVER, HEADER, LEASE_BREAK } from '../dashboards/made-up-trace.ts';
import { assertProperty } from '../property.ts';
import { eventsArbitrary } from './arbitrary.ts';

const ORDER = { rank: troubleRank, compareTies: byTies };

test('after each event, a look at everything gives the same files in the same order', () => {
  const model = createModel(HEADER);
  const index = createFileIndex(model, ORDER, byWeight);
  for (const event of [...HANDED_OVER, ...LEASE_BREAK]) {
    applyEvent(model, event);
    index.refresh(100);
    index.refresh(100);
    assert.deepEqual(index.files(), [...fileSummaries(model)].sort(byTrouble));
    assert.deepEqual(index.findings(), [...findings(model)].sort(byWeight));
  }
});

test('looked at a file or two at a time it ends with the same, whatever happened', () => {
  assertProperty(
    fc.property(eventsArbitrary(), fc.integer({ min: 1, max: 3 }), (events, limit) => {
      const model = createModel(HEADER);
      const index = createFileIndex(model, ORDER, byWeight);
      for (const event of events) {
        applyEvent(model, event);
        index.refresh(limit);
        index.files();
      }
      const inodes = [...model.inodes.keys()];
      for (let looks = 0; looks < 2 * inodes.length + 4; looks += 1) index.refresh(limit);
      assert.deepEqual(index.files(), [...fileSummaries(model)].sort(byTrouble));
    }),
    200,
  );
});
