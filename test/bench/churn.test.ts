/** The churn of `npm run bench -- churn`, long enough to fill every table, short enough for every run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/model/limits.ts';
import { applyEvent, coverage, createModel } from '../../src/model/model.ts';
import { header } from '../model/rows.ts';
import { lives } from './churn.ts';

test('after half a million events of churn every table is within its limit, and what was forgotten is counted', () => {
  const model = createModel(header);
  let events = 0;
  for (const event of lives()) {
    applyEvent(model, event);
    events += 1;
    if (events === 500_000) break;
  }
  const sizes = {
    tasks: model.living <= LIMITS.tasks,
    files: model.files.size <= LIMITS.files,
    inodes: model.inodes.size <= LIMITS.inodes,
    operations: model.operations.size <= LIMITS.threads,
    archive: model.archive.size <= LIMITS.archivedFindings,
  };
  assert.deepEqual(sizes, { tasks: true, files: true, inodes: true, operations: true, archive: true });
  // Of each hundred lives one stays: everything else is to be gone but for what is remembered of the past.
  const lived = Math.ceil(events / 23);
  assert.ok(model.files.size <= (lived / 100) * 3 + 10, String(model.files.size));
  assert.ok(model.objects.size <= (lived / 100) * 2 + 10, String(model.objects.size));
  assert.ok(model.anchors.size <= (lived / 100) * 4 + LIMITS.ended, String(model.anchors.size));
  assert.ok(coverage(model).evicted > 0);
});
