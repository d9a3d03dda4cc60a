/** Leases through their lives: type changes, breaks, signals, ends; and what a kernel without fentry leaves to guess. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, InodeKey } from '../../src/event/event.ts';
import type { LeaseHolder } from '../../src/model/answer.ts';
import { findings, whoAnswer } from '../../src/model/model.ts';
import { at, EXT4, header, hello, play, regular, row, who } from './rows.ts';
import { LEASE } from './stories.ts';

const [a, b, c] = [who(10, 'a'), who(11, 'b'), who(12, 'c')];
const FILE = 101;
const KEY = '254:1:14' as InodeKey;
const columns = { file: FILE, owner: FILE, ...at(EXT4), flags: LEASE };

const begin: readonly Event[] = [
  hello(),
  row(0.1, who(1, 'init'), 'task.forked', { child: 10 }),
  row(0.2, a, 'task.executed'),
  row(1, a, 'lease.added', { ...columns, type: 1, fd: 9 }),
];

function leaseIn(events: readonly Event[], withHeader = header): LeaseHolder {
  const [holder] = whoAnswer(play(events, withHeader), KEY).holders;
  assert.ok(holder?.kind === 'lease');
  return holder;
}

function idsIn(events: readonly Event[]): string[] {
  return findings(play(events)).map(({ id, pids }) => `${id} ${pids}`);
}

const released = (s: number, cause: number, by = a) =>
  row(s, by, 'lease.released', { ...columns, lease: 201, type: 1, cause, recorded: 10 });

test('F_SETLEASE on a leased file changes the type of the lease it has', () => {
  const changed = row(2, a, 'lease.changed', { ...columns, lease: 201, type: 1, to: 0, recorded: 10 });
  const again = row(2.1, a, 'lease.added', { ...columns, type: 0, fd: 9 });
  const { lease } = leaseIn([...begin, changed, again]);
  assert.deepEqual([lease.type, lease.state, lease.since_ns], ['read', 'active', 1e9]);
});

test('classes by flags', () => {
  const kinds = [LEASE, 0x4, 0x800].map((flags) => {
    const { lease } = leaseIn([hello(), row(1, a, 'lease.added', { ...columns, flags, type: 0, fd: -1 })]);
    return `${lease.type} ${lease.class}`;
  });
  assert.deepEqual(kinds, ['read lease', 'read delegation', 'read layout']);
});

test('a blocked break makes the lease breaking; a downgrade answers a reader', () => {
  const blocked = row(2, b, 'break.blocked', { ...at(EXT4), flags: LEASE, type: 0 });
  assert.equal(leaseIn([...begin, blocked]).lease.state, 'breaking');
  const downgrade = (flags: number) =>
    row(3, a, 'lease.changed', { ...columns, flags, lease: 201, type: 1, to: 0, recorded: 10 });
  assert.equal(leaseIn([...begin, blocked, downgrade(LEASE | 0x100)]).lease.state, 'active');
  assert.equal(leaseIn([...begin, blocked, downgrade(LEASE | 0x200)]).lease.state, 'breaking');
});

test('each cause of an end has its name', () => {
  const causes = [0, 1, 2, 3, 4, 99].map((cause) => leaseIn([...begin, released(2, cause)]).lease.ended_by);
  assert.deepEqual(causes, ['unknown', 'unlock', 'close', 'timeout', 'manager', 'unknown']);
});

test('a final close ends the lease at once, and the row that says so is no second lease', () => {
  const closed = row(1.999, a, 'fd.closed', { ...regular(EXT4, FILE), fd: 9 });
  const gone = row(2, a, 'file.finalClosed', regular(EXT4, FILE));
  const answer = whoAnswer(play([...begin, closed, gone, released(2.001, 2)]), KEY);
  assert.deepEqual(
    answer.holders.map(({ ended_ns, certainty }) => [ended_ns, certainty]),
    [[2e9, 'definite']],
  );
});

test('a lease that ends without having been seen taken is likely', () => {
  const holder = leaseIn([hello(), released(2, 1, b)]);
  assert.deepEqual([holder.taken_by?.pid, holder.lease.ended_by, holder.certainty], [10, 'unlock', 'likely']);
  assert.match(holder.reasons.join(), /there before its first row/);
});

test('the kernel took it away: who did not answer, and for how long', () => {
  const rows = [
    ...begin,
    row(2, b, 'break.blocked', { ...at(EXT4), flags: LEASE, type: 1 }),
    released(4, 3, b),
    row(4.001, b, 'break.ended', at(EXT4)),
    row(4.002, b, 'open.ended', { result: 3 }),
  ];
  assert.deepEqual(idsIn(rows), ['blocked-operation 11,10', 'lease-break-timeout 10']);
  const [, timeout] = findings(play(rows));
  assert.match(timeout?.text ?? '', /write lease of a\[10\] away at \+4\.000 s after 2\.0 s/);
});

test('shared by fork: the lease lives on in the child after the taker closed', () => {
  const rows = [
    ...begin,
    row(2, a, 'task.forked', { child: 11 }),
    row(3, a, 'fd.closed', { ...regular(EXT4, FILE), fd: 9 }),
    row(5, c, 'break.requested', { ...at(EXT4), mode: 1, type: LEASE }),
    row(5.1, c, 'lease.signalled', { file: FILE, ...at(EXT4), fd: 9, to: 10, signal: 29 }),
  ];
  assert.deepEqual(
    leaseIn(rows).held_by.map(({ pid, fds, how }) => [pid, ...fds, how]),
    [[11, 9, 'fork']],
  );
  assert.deepEqual(idsIn(rows), ['zombie-lease 10,11', 'sigio-stray 10,11']);
});

test('a signal to a process that has the file is no stray', () => {
  const signalled = row(2, c, 'lease.signalled', { file: FILE, ...at(EXT4), fd: 9, to: 10, signal: 29 });
  assert.deepEqual(idsIn([...begin, signalled]), []);
});

test('a lease whose file closes with its taker is no zombie', () => {
  const rows = [
    ...begin,
    row(2, a, 'task.exited'),
    row(2.05, a, 'file.finalClosed', regular(EXT4, FILE)),
    released(2.06, 2),
    row(9, c, 'beat'),
  ];
  assert.deepEqual(idsIn(rows), []);
});

test('kept by nothing that was seen, a lease is told as unknown', () => {
  const rows = [...begin, row(2, a, 'fd.closed', { ...regular(EXT4, FILE), fd: 9 }), row(9, c, 'beat')];
  const holder = leaseIn(rows);
  assert.deepEqual([holder.held_by.length, holder.certainty], [0, 'unknown']);
  assert.match(holder.reasons.join(), /a mapping or an unseen duplicate keeps it/);
});

test('without fentry a lease is presumed to end with the last process that has its file', () => {
  const bare = { ...header, probes: [{ path: 'lease', hooks: ['tracepoint:filelock:generic_add_lease'] }] };
  const forked = row(2, a, 'task.forked', { child: 11 });
  const still = leaseIn([...begin, forked, row(3, a, 'task.exited')], bare);
  assert.equal(still.lease.state, 'active');
  const gone = leaseIn([...begin, forked, row(3, a, 'task.exited'), row(4, b, 'task.exited')], bare);
  assert.deepEqual([gone.lease.ended_by, gone.ended_ns, gone.certainty], ['close', 4e9, 'likely']);
  assert.match(gone.reasons.join(), /its end was not seen/);
});

test('with fentry a lease ends only when a row says so', () => {
  assert.equal(leaseIn([...begin, row(3, a, 'task.exited')]).lease.state, 'active');
});
