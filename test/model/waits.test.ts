/** Waits: what is one wait, who blocks, circles, and waits for nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/event.ts';
import { findings, whoAnswer } from '../../src/model/model.ts';
import {
  a,
  b,
  began,
  begin,
  c,
  ended,
  goesOn,
  idsIn,
  init,
  KEY,
  operationsIn,
  pinBy,
  waits,
} from './cast.ts';
import { at, DAX, EXT4, pipeEnd, play, regular, row, uverbs, who } from './rows.ts';
import { LEASE } from './stories.ts';

test('waits without a gap are one; after a gap they are two', () => {
  const close = [waits(2, 70), goesOn(2.5), waits(2.501, 71), goesOn(3), ended(3.1)];
  const apart = [waits(2, 70), goesOn(2.5), waits(2.6, 71), goesOn(3), ended(3.1)];
  const lengths = (events: readonly Event[]) =>
    operationsIn([...pinBy(a, 1, 70), began(1.9), ...events]).map(({ waited_ms, waits }) => [
      waited_ms,
      ...waits.map(({ ms }) => ms),
    ]);
  assert.deepEqual(lengths(close), [[1000, 1000]]);
  assert.deepEqual(lengths(apart), [[900, 500, 400]]);
});

test('the end of the call ends its wait', () => {
  const [operation] = operationsIn([...pinBy(a, 1, 70), began(1.9), waits(2, 70), ended(4)]);
  assert.deepEqual([operation?.state, operation?.waited_ms], ['done', 2000]);
});

test('the page names the pin; an unknown page names all pins under the operation, likely', () => {
  const two = [...pinBy(a, 1, 70), ...pinBy(b, 1, 80), began(2)];
  const blockers = (page: number) => operationsIn([...two, waits(2.1, page)])[0]?.waits[0]?.blockers;
  assert.deepEqual(blockers(80), [11]);
  assert.deepEqual(blockers(999), [10, 11]);
  assert.ok(
    idsIn([...two, waits(2.1, 80), row(3, init, 'beat')]).includes('blocked-operation definite 12,11'),
  );
  assert.ok(
    idsIn([...two, waits(2.1, 999), row(3, init, 'beat')]).includes('blocked-operation likely 12,10,11'),
  );
});

test('a wait for something never seen taken is unknown', () => {
  const events = [began(2), waits(2.1, 70), row(3, init, 'beat')];
  assert.deepEqual(idsIn(events), ['blocked-operation unknown 12']);
  assert.equal(whoAnswer(play([...begin, ...events]), KEY).certainty, 'unknown');
});

test('an evict or a write that waits is an operation of its own', () => {
  const rows = [...pinBy(a, 1, 70), waits(2, 70), goesOn(3), waits(3.001, 71), goesOn(4)];
  assert.deepEqual(
    operationsIn(rows).map(({ op, state, waited_ms }) => [op, state, waited_ms]),
    [['other', 'done', 2000]],
  );
});

test('three hands: it waited for C, and then for a queue that nobody had', () => {
  const end = pipeEnd(71, 70);
  const rows = [
    ...pinBy(a, 1, 70),
    row(2, a, 'fd.sent', end),
    row(2.1, b, 'fd.installed', { ...end, fd: 5, how: 1 }),
    row(3, b, 'fd.sent', end),
    row(3.1, who(13, 'd'), 'fd.installed', { ...end, fd: 6, how: 1 }),
    row(4, b, 'fd.sent', end),
    row(4.1, a, 'task.exited'),
    row(4.2, b, 'task.exited'),
    began(5),
    waits(5.1, 70),
    row(7, who(13, 'd'), 'task.exited'),
    row(9, who(14, 'e'), 'file.finalClosed', end),
    row(9.001, who(14, 'e'), 'pin.dropped', { object: 70, pages: 2, left: 0, via: 'vmsplice' }),
    goesOn(9.1),
    ended(9.2),
  ];
  const [holder] = whoAnswer(play([...begin, ...rows]), KEY).holders;
  assert.deepEqual(
    holder?.hand_overs.map(({ from, to }) => [from?.pid, to?.pid]),
    [
      [10, 11],
      [11, 13],
      [11, undefined],
    ],
  );
  assert.deepEqual(operationsIn(rows)[0]?.waits[0]?.blockers, [13]);
  assert.ok(!idsIn(rows).some((id) => id.startsWith('late-final-close')));
});

test('the last close of an unlinked file waits in evict, for pins of the inode that goes', () => {
  const evicted = row(2, c, 'inode.evicted', { inode: 5, ...at(DAX) });
  const rows = [...pinBy(a, 1, 70), evicted, waits(2.001, 70), goesOn(4)];
  assert.deepEqual(
    operationsIn(rows).map(({ op, pid, state, result, waits: [wait] }) => [
      op,
      pid,
      state,
      result,
      wait?.blockers,
    ]),
    [['other', 12, 'done', 0, [10]]],
  );
  assert.deepEqual(idsIn(rows), ['blocked-operation definite 12,10']);
});

test('a pin whose row comes late is matched with the wait for its page', () => {
  const rows = [began(1), waits(1.1, 70), ...pinBy(a, 1.2, 70), row(3, init, 'beat')];
  assert.deepEqual(idsIn(rows), ['blocked-operation definite 12,10']);
});

test("direct I/O is its caller's, for as long as it runs", () => {
  const io = { object: 90, ...at(DAX), page: 90, pages: 16, bytes: 65536, via: 'direct-io' };
  const rows = [
    row(1, a, 'pin.taken', io),
    began(1.5),
    waits(1.6, 90),
    row(4, who(0, 'swapper'), 'pin.dropped', { object: 90, pages: 16, left: 0, via: 'direct-io' }),
    row(4.1, a, 'task.exited'),
    goesOn(16),
    ended(16.1),
  ];
  assert.deepEqual(idsIn(rows), ['blocked-operation definite 12,10', 'wait-without-holder definite 12']);
});

test('a process that is gone waits no more', () => {
  const rows = [...pinBy(a, 1, 70), began(2), waits(2.1, 70), row(5, c, 'task.exited')];
  const [operation] = operationsIn(rows);
  assert.deepEqual([operation?.state, operation?.waited_ms], ['unknown', 2900]);
});

test('a process that waits for what it holds itself', () => {
  const inherited = [
    ...pinBy(a, 1, 70),
    row(1.5, a, 'task.forked', { child: 20 }),
    row(1.6, a, 'task.exited'),
  ];
  const child = who(20, 'child');
  const rows = [...inherited, began(2, child), waits(2.1, 70, child), row(3, init, 'beat')];
  const found = findings(play([...begin, ...rows]));
  const cycle = found.find(({ id }) => id === 'wait-cycle');
  assert.deepEqual([cycle?.certainty, cycle?.pids, cycle?.end_ns], ['definite', [20], null]);
  assert.match(cycle?.text ?? '', /truncate by child\[20\] waits .* that child\[20\] holds itself/);
});

test('the order of closes: an exit waits in its first close for pins that its next one would release', () => {
  const rows = [
    row(0.5, a, 'fd.installed', { ...regular(DAX, 101), fd: 3 }),
    row(0.6, a, 'lease.added', { file: 101, owner: 101, ...at(DAX), flags: LEASE, type: 1, fd: 3 }),
    row(0.7, a, 'fd.installed', { ...uverbs(60), fd: 4 }),
    row(1, a, 'pin.taken', {
      object: 61,
      reach: 60,
      ...at(DAX),
      page: 70,
      pages: 4,
      longterm: 1,
      via: 'rdma-mr',
    }),
    row(2, a, 'task.exited'),
    row(2.1, a, 'wait.began', { ...at(DAX), page: 70, on: 'dax-page' }),
    row(3, init, 'beat'),
  ];
  const found = findings(play([...begin, ...rows]));
  const cycle = found.find(({ id }) => id === 'wait-cycle');
  assert.deepEqual([cycle?.pids, cycle?.start_ns, cycle?.end_ns], [[10], 2.1e9, null]);
  assert.match(cycle?.text ?? '', /waits since \+2\.100 s for a busy DAX page that a\[10\] holds itself/);
  const closed = row(2.05, a, 'file.finalClosed', uverbs(60));
  const without = [...rows.slice(0, 5), closed, ...rows.slice(5)];
  assert.deepEqual(
    idsIn(without).filter((id) => id.startsWith('wait-cycle')),
    [],
  );
});

test('two processes that wait for each other', () => {
  const rows = [
    ...pinBy(a, 1, 70),
    ...pinBy(b, 1, 80, EXT4),
    began(2, b),
    waits(2.1, 70, b),
    began(3, a, EXT4),
    waits(3.1, 80, a, EXT4),
    row(4, init, 'beat'),
  ];
  const cycles = findings(play([...begin, ...rows])).filter(({ id }) => id === 'wait-cycle');
  assert.deepEqual(
    cycles.map(({ pids, start_ns }) => [pids, start_ns]),
    [[[10, 11], 3.1e9]],
  );
});

test('a wait that goes on after the last pin is gone: the kernel missed the wake-up', () => {
  const rows = [
    ...pinBy(a, 1, 70),
    began(2),
    waits(2.1, 70),
    row(3, a, 'pin.dropped', { object: 70, pages: 2, left: 0, via: 'vmsplice' }),
  ];
  assert.ok(!idsIn([...rows, row(3.9, init, 'beat')]).some((id) => id.startsWith('wait-without-holder')));
  const found = findings(play([...begin, ...rows, row(4.1, init, 'beat')]));
  const missed = found.find(({ id }) => id === 'wait-without-holder');
  assert.match(missed?.text ?? '', /nobody has pinned since \+3\.000 s: .*kill -STOP 12, then kill -CONT 12/);
});
