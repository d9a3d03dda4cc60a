/**
 * The release plan: what it names must be enough, and nothing of it too much. Each plan is carried out row by row: the
 * pins live until the last step, and are gone after it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../../src/event/event.ts';
import { whoAnswer } from '../../../src/model/model.ts';
import { a, b, begin, KEY } from '../cast.ts';
import { at, DAX, pipeEnd, play, row, uverbs } from '../rows.ts';

const [PIPE, READ, WRITE] = [500, 501, 502];
const end = (file: number) => pipeEnd(file, PIPE);

/** Both ends in a's table, the read end twice. */
const filled: readonly Event[] = [
  row(1, a, 'fd.installed', { ...end(READ), fd: 3 }),
  row(1, a, 'fd.installed', { ...end(WRITE), fd: 4 }),
  row(1.1, a, 'pin.taken', { object: PIPE, reach: PIPE, ...at(DAX), page: 1, pages: 2, via: 'vmsplice' }),
  row(1.2, a, 'fd.installed', { ...end(READ), fd: 7 }),
];

const planAfter = (events: readonly Event[]) => whoAnswer(play([...begin, ...events]), KEY).to_free;
const holdersAfter = (events: readonly Event[]) =>
  whoAnswer(play([...begin, ...events]), KEY).holders.flatMap(({ held_by }) => held_by.map(({ pid }) => pid));

const closed = (s: number, by: typeof a, file: number, fd: number) =>
  row(s, by, 'fd.closed', { ...end(file), fd });

test('all descriptors of one process are one step, each of them needed', () => {
  assert.deepEqual(planAfter(filled), ['close fds 3, 4 and 7 in a[10], or end it']);
  const steps = [closed(2, a, READ, 3), closed(2.1, a, WRITE, 4), closed(2.2, a, READ, 7)];
  for (const spared of steps) {
    const others = steps.filter((step) => step !== spared);
    assert.deepEqual(holdersAfter([...filled, ...others]), [a.pid], `without ${JSON.stringify(spared)}`);
  }
  const last = row(2.3, a, 'file.finalClosed', { ...end(READ), flags: 0 });
  const gone = row(2.3, a, 'pin.dropped', { object: PIPE, pages: 2, left: 0, via: 'vmsplice' });
  assert.deepEqual(planAfter([...filled, ...steps, gone, last]), []);
});

test('each process that has it is a step, and a closed one is none any more', () => {
  const passed: readonly Event[] = [
    ...filled,
    row(2, a, 'fd.sent', end(READ)),
    row(2.1, b, 'fd.installed', { ...end(READ), fd: 5, how: 1 }),
  ];
  assert.deepEqual(planAfter(passed), [
    'close fds 3, 4 and 7 in a[10], or end it',
    'close fd 5 in b[11], or end it',
  ]);
  const rest = [closed(3, a, READ, 3), closed(3, a, WRITE, 4), closed(3, a, READ, 7)];
  assert.deepEqual(planAfter([...passed, ...rest]), ['close fd 5 in b[11], or end it']);
});

test('one descriptor that keeps several objects is named once', () => {
  const region = (object: number) =>
    row(1.1, a, 'pin.taken', {
      object,
      reach: 60,
      ...at(DAX),
      page: object,
      pages: 4,
      longterm: 1,
      via: 'rdma-mr',
    });
  const regions = [row(1, a, 'fd.installed', { ...uverbs(60), fd: 9 }), region(71), region(72), region(73)];
  assert.deepEqual(planAfter(regions), ['close fd 9 in a[10], or end it']);
});
