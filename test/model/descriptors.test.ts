/** Who has an open file, through fork, dup, exec, close, SCM_RIGHTS and pidfd_getfd. A pin on the pipe makes it visible. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, InodeKey } from '../../src/event/event.ts';
import type { Holder } from '../../src/model/answer.ts';
import { whoAnswer } from '../../src/model/model.ts';
import { at, hello, pipeEnd, play, row, SHM, who } from './rows.ts';

const [a, b, c] = [who(10, 'a'), who(11, 'b'), who(12, 'c')];
const end = pipeEnd(50, 70);

/** A, started while traced, opens one end of a pipe as fd 3 and pins two pages through it. */
const begin: readonly Event[] = [
  hello(),
  row(0.1, who(1, 'init'), 'task.forked', { child: 10 }),
  row(0.2, a, 'task.executed'),
  row(1, a, 'fd.installed', { ...end, fd: 3 }),
  row(1.1, a, 'pin.taken', {
    object: 70,
    reach: 70,
    ...at(SHM),
    page: 7,
    pages: 2,
    bytes: 8192,
    via: 'vmsplice',
  }),
];

function pinAfter(...events: readonly Event[]): Holder {
  const [pin] = whoAnswer(play([...begin, ...events]), '0:26:2' as InodeKey).holders;
  assert.ok(pin !== undefined);
  return pin;
}

function heldBy(pin: Holder): string[] {
  return pin.held_by.map(
    ({ pid, fds, how, from }) => `${pid} [${fds}] ${how}${from === null ? '' : ` from ${from}`}`,
  );
}

const fork = (s: number, flags = 0) => row(s, a, 'task.forked', { child: 11, flags });

test('a child has a copy of the table: closing one does not close the other', () => {
  const pin = pinAfter(fork(2), row(3, a, 'fd.closed', { ...end, fd: 3 }));
  assert.deepEqual(heldBy(pin), ['11 [3] fork from 10']);
  assert.equal(pin.certainty, 'definite');
});

test('with CLONE_FILES the table is one: closing closes for both, an exit for none', () => {
  const shared = fork(2, 0x400);
  assert.deepEqual(heldBy(pinAfter(shared)), ['10 [3] open', '11 [3] fork from 10']);
  assert.deepEqual(heldBy(pinAfter(shared, row(3, b, 'fd.closed', { ...end, fd: 3 }))), []);
  assert.deepEqual(heldBy(pinAfter(shared, row(3, a, 'task.exited'))), ['11 [3] fork from 10']);
});

test('exec unshares the table', () => {
  const pin = pinAfter(fork(2, 0x400), row(3, b, 'task.executed'), row(4, b, 'fd.closed', { ...end, fd: 3 }));
  assert.deepEqual(heldBy(pin), ['10 [3] open']);
  const opener = pinAfter(fork(2, 0x400), row(3, a, 'task.executed'));
  assert.deepEqual(heldBy(opener), ['10 [3] open', '11 [3] fork from 10']);
  assert.equal(opener.hand_overs.length, 0);
});

test('dup adds a number, dup2 takes one over from another file', () => {
  const other = pipeEnd(60, 80);
  const dups = [
    row(2, a, 'fd.installed', { ...end, fd: 4 }),
    row(3, a, 'fd.installed', { ...end, fd: 9, how: 2 }),
  ];
  assert.deepEqual(heldBy(pinAfter(...dups)), ['10 [3,4,9] open']);
  const over = row(4, a, 'fd.installed', { ...other, fd: 4, how: 2 });
  assert.deepEqual(heldBy(pinAfter(...dups, over)), ['10 [3,9] open']);
});

test('a close without a number leaves doubt where there are several, and none once it is explained', () => {
  const dup = row(2, a, 'fd.installed', { ...end, fd: 4 });
  const close = row(3, a, 'fd.closed', { ...end, fd: -1 });
  const doubtful = pinAfter(dup, close);
  assert.deepEqual([heldBy(doubtful), doubtful.certainty], [['10 [3,4] open'], 'likely']);
  const explained = pinAfter(dup, close, row(4, a, 'fd.installed', { ...pipeEnd(60, 80), fd: 4, how: 2 }));
  assert.deepEqual([heldBy(explained), explained.certainty], [['10 [3] open'], 'definite']);
  assert.deepEqual(heldBy(pinAfter(dup, close, row(4, a, 'fd.closed', { ...end, fd: 3 }))), []);
  assert.deepEqual(heldBy(pinAfter(close)), []);
});

test('sent and not received, it is in flight, also when the sender is gone', () => {
  const sent = row(2, a, 'fd.sent', { ...end, nth: 0, count: 1 });
  const pin = pinAfter(sent, row(3, a, 'task.exited'));
  assert.deepEqual(heldBy(pin), []);
  assert.equal(pin.in_flight, true);
  assert.equal(pin.certainty, 'definite');
  const received = row(4, b, 'fd.installed', { ...end, fd: 5, how: 1 });
  const arrived = pinAfter(sent, row(3, a, 'task.exited'), received);
  assert.deepEqual([heldBy(arrived), arrived.in_flight], [['11 [5] scm_rights from 10'], false]);
  assert.deepEqual(
    arrived.hand_overs.map(({ how, from, to, at_ns }) => [how, from?.pid, to?.pid, at_ns]),
    [['scm_rights', 10, 11, 4e9]],
  );
});

test('of two senders the last is taken, and said to be likely', () => {
  const pin = pinAfter(
    fork(2),
    row(3, a, 'fd.sent', end),
    row(3.1, b, 'fd.sent', end),
    row(4, c, 'fd.installed', { ...end, fd: 5, how: 1 }),
  );
  assert.ok(heldBy(pin).includes('12 [5] scm_rights from 11'));
  assert.equal(pin.certainty, 'likely');
});

test('received from a process that was not seen sending', () => {
  const pin = pinAfter(row(2, b, 'fd.installed', { ...end, fd: 5, how: 1 }));
  assert.ok(heldBy(pin).includes('11 [5] scm_rights'));
  assert.match(pin.reasons.join(), /who handed it to b\[11\] is not certain/);
});

test('pidfd_getfd takes it from the only one that has it', () => {
  const pin = pinAfter(row(2, b, 'fd.installed', { ...end, fd: 5, how: 3 }));
  assert.deepEqual(heldBy(pin), ['10 [3] open', '11 [5] pidfd_getfd from 10']);
  assert.equal(pin.certainty, 'definite');
});

test('a file that another process turns out to have, in a way not seen, is likely', () => {
  const pin = pinAfter(row(2, b, 'fd.installed', { ...end, fd: 5, how: 0 }));
  assert.deepEqual(heldBy(pin), ['10 [3] open', '11 [5] unknown']);
  assert.equal(pin.certainty, 'likely');
});

test('a pid that comes back is another process', () => {
  const again = row(4, who(1, 'init'), 'task.forked', { child: 10 });
  const pin = pinAfter(
    row(2, a, 'fd.sent', end),
    row(3, a, 'task.exited'),
    again,
    row(5, who(10, 'new'), 'task.executed'),
  );
  assert.deepEqual(heldBy(pin), []);
  assert.deepEqual([pin.taken_by?.comm, pin.taken_by?.alive], ['a', false]);
});

test('rows that follow an exit are of the process that exited', () => {
  const pin = pinAfter(
    row(2, a, 'fd.sent', end),
    row(3, a, 'task.exited'),
    row(3.1, a, 'fd.closed', { ...end, fd: 3 }),
    row(3.2, a, 'inode.named', { inode: 9, ...at(SHM), depth: 0, name: 'data', fs: 'tmpfs' }),
  );
  assert.equal(pin.taken_by?.alive, false);
});

test('a pointer that names another inode is another open file', () => {
  const reused = row(3, b, 'fd.installed', { ...end, ino: 999, object: 71, fd: 8 });
  assert.deepEqual(heldBy(pinAfter(reused)), []);
});

test('a late row about the file that had the pointer before changes nothing about this one', () => {
  const earlier = [
    row(0.9, a, 'fd.closed', { ...end, fd: 3 }),
    row(0.95, a, 'file.finalClosed', end),
    row(0.95, a, 'file.finalClosed', pipeEnd(50, 71)),
    row(0.95, a, 'file.finalClosed', { file: 50, ...at(SHM) }),
  ];
  for (const late of earlier) assert.deepEqual(heldBy(pinAfter(late)), ['10 [3] open']);
  // Both were the same inode, and only now the end of the earlier one is told.
  const reopened = [
    row(1.5, a, 'fd.closed', { ...end, fd: 3 }),
    row(2, a, 'fd.installed', { ...end, fd: 4 }),
    row(1.6, a, 'file.finalClosed', end),
  ];
  assert.match(heldBy(pinAfter(...reopened)).join(), /^10 \[4\]/);
});

test('a pin whose object may be older than the trace may have other holders', () => {
  const rows = [
    hello(),
    row(1, a, 'fd.installed', { ...end, fd: 3, how: 2 }),
    row(2, a, 'pin.taken', { object: 70, reach: 70, ...at(SHM), page: 7, pages: 2, via: 'vmsplice' }),
  ];
  const [pin] = whoAnswer(play(rows), '0:26:2' as InodeKey).holders;
  assert.equal(pin?.certainty, 'likely');
  assert.match(pin.reasons.join(), /pipe may be older than the trace/);
});
