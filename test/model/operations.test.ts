/** Operations: which are kept, and how they end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileSummaries, reportAnswer } from '../../src/model/model.ts';
import { a, began, begin, ended, operationsIn, pinBy, waits } from './cast.ts';
import { play } from './rows.ts';

test('a truncate of a file that nobody pins or leases is forgotten, and its file with it', () => {
  const model = play([...begin, began(1), ended(1.1)]);
  assert.deepEqual(fileSummaries(model), []);
  assert.equal(model.inodes.size, 0);
});

test('a truncate that runs is told', () => {
  assert.deepEqual(
    operationsIn([...pinBy(a, 1, 70), began(2)]).map(({ op, state, result, detail }) => [
      op,
      state,
      result,
      detail,
    ]),
    [['truncate', 'running', null, 'from 65536 to 0 bytes']],
  );
});

test('the next call of a thread means that the end of the one before was not seen', () => {
  const states = operationsIn([...pinBy(a, 1, 70), began(2), began(3), ended(4, -4)]).map(
    ({ state, result }) => [state, result],
  );
  assert.deepEqual(states, [
    ['unknown', null],
    ['done', -4],
  ]);
});

test('a report lists operations with their file, a running one included', () => {
  const [file] = reportAnswer(play([...begin, ...pinBy(a, 1, 70), began(2), waits(2.1, 70)])).files;
  assert.deepEqual(
    file?.operations.map(({ state }) => state),
    ['waiting'],
  );
});
