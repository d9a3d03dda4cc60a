/** Findings that the stories do not show, and the cases just beside them that are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/event.ts';
import { applyEvent, findings } from '../../src/model/model.ts';
import { at, DAX, hello, pipeEnd, play, regular, row, SHM, uverbs, who } from './rows.ts';
import { LEASE, rdmaHandedOver } from './stories.ts';

const [a, b] = [who(10, 'a'), who(11, 'b')];
const init = who(1, 'init');
const begin: readonly Event[] = [
  hello(),
  ...[a, b].flatMap((each) => [
    row(0.1, init, 'task.forked', { child: each.pid }),
    row(0.2, each, 'task.executed'),
  ]),
];

function found(events: readonly Event[]) {
  return findings(play([...begin, ...events]));
}

function idsIn(events: readonly Event[]): string[] {
  return found(events).map(({ id, pids }) => `${id} ${pids}`);
}

const lease = (s: number, by: typeof a, file: number, place = SHM) =>
  row(s, by, 'lease.added', { file, owner: file, ...at(place), flags: LEASE, type: 1, fd: 9 });
const unlock = (s: number, by: typeof a, file: number, place = SHM) =>
  row(s, by, 'lease.released', {
    lease: 1,
    file,
    owner: file,
    ...at(place),
    flags: LEASE,
    type: 1,
    cause: 1,
    recorded: by.pid,
  });
const device = (s: number, by: typeof a, file: number) =>
  row(s, by, 'fd.installed', { ...uverbs(file), fd: 4 });
const region = (s: number, by: typeof a, object: number, reach: number) =>
  row(s, by, 'pin.taken', {
    object,
    reach,
    ...at(SHM),
    page: 1,
    pages: 4,
    bytes: 16384,
    longterm: 1,
    via: 'rdma-mr',
  });
const beat = (s: number) => row(s, init, 'beat');

test('a long-term pin without a lease is noted once for each process, with its number', () => {
  const rows = [device(1, a, 60), region(2, a, 500, 60), region(3, a, 501, 60), region(4, a, 502, 60)];
  assert.deepEqual(idsIn(rows), ['pin-without-lease 10']);
  assert.match(found(rows)[0]?.text ?? '', /without a lease on the file \(3 times\)$/);
  assert.deepEqual(idsIn([lease(0.5, a, 101), ...rows]), []);
});

test('a lease taken by another process is not enough, one whose file it has is', () => {
  const rows = [device(2, b, 60), region(3, b, 500, 60)];
  assert.deepEqual(idsIn([lease(1, a, 101), ...rows]), ['pin-without-lease 11']);
  const passed = [
    row(1.1, a, 'fd.sent', regular(SHM, 101)),
    row(1.2, b, 'fd.installed', { ...regular(SHM, 101), fd: 5, how: 1 }),
  ];
  assert.deepEqual(idsIn([lease(1, a, 101), ...passed, ...rows]), []);
});

test('pages put into a pipe are no long-term pin', () => {
  const pipe = row(1, a, 'fd.installed', { ...pipeEnd(50, 70), fd: 3 });
  const pin = row(2, a, 'pin.taken', {
    object: 70,
    reach: 70,
    ...at(DAX),
    page: 1,
    pages: 1,
    via: 'vmsplice',
  });
  assert.deepEqual(idsIn([pipe, pin]), []);
});

test('a pin that ends with its lease does not outlive it', () => {
  const rows = [lease(1, a, 101), device(1.1, a, 60), region(2, a, 500, 60), unlock(3, a, 101)];
  const drop = row(3.1, a, 'pin.dropped', { object: 500, pages: 4, left: 0, via: 'rdma-mr' });
  assert.deepEqual(idsIn([...rows, drop, beat(9)]), []);
  assert.deepEqual(idsIn([...rows, beat(9)]), ['pin-outlives-lease 10']);
});

test('a receiver with a lease of its own breaks no rule', () => {
  const passed = [
    row(3, a, 'fd.sent', uverbs(60)),
    row(3.1, b, 'fd.installed', { ...uverbs(60), fd: 5, how: 1 }),
  ];
  const rows = [lease(1, a, 101), device(1.1, a, 60), region(2, a, 500, 60)];
  assert.deepEqual(idsIn([...rows, ...passed]), ['handed-over-without-lease 11,10']);
  assert.deepEqual(idsIn([...rows, lease(2.5, b, 102), ...passed]), []);
});

test('refused long-term pins: the reason in words, repeated ones counted', () => {
  const refused = (s: number, error: number, write: number) =>
    row(s, a, 'pin.refused', { file: 101, ...at(DAX), error, longterm: 1, write, via: 'rdma-mr' });
  const texts = found([refused(1, -95, 1), refused(2, -95, 1), refused(3, -14, 1), refused(4, -14, 0)]).map(
    ({ text }) => text,
  );
  assert.deepEqual(texts, [
    'a[10] was refused a long-term pin of this file for its RDMA memory region with EOPNOTSUPP, 2 times: the kernel does not pin DAX files for long',
    'a[10] was refused a long-term pin of this file for its RDMA memory region with EFAULT: the kernel does not pin shared page-cache pages for writing (2 times)',
  ]);
});

test('a last reference that goes long after the last descriptor', () => {
  const rows = (closed: number) => [
    lease(1, a, 101),
    row(2, a, 'fd.closed', { ...regular(SHM, 101), fd: 9 }),
    row(closed, init, 'file.finalClosed', { ...regular(SHM, 101), flags: 0x200000 }),
  ];
  const late = found(rows(5)).find(({ id }) => id === 'late-final-close');
  assert.match(late?.text ?? '', /last reference went 3\.0 s later, in a kernel worker/);
  assert.ok(!idsIn(rows(2.5)).some((id) => id.startsWith('late-final-close')));
});

test('a queue that kept the file is no late close', () => {
  const rows = [
    lease(1, a, 101),
    row(1.5, a, 'fd.sent', regular(SHM, 101)),
    row(2, a, 'fd.closed', { ...regular(SHM, 101), fd: 9 }),
    row(5, b, 'file.finalClosed', regular(SHM, 101)),
  ];
  assert.deepEqual(idsIn(rows), ['zombie-lease 10']);
});

test('ETXTBSY and its kin, because of a pin', () => {
  const rows = (error: number) => [
    device(1, a, 60),
    lease(1, a, 101),
    region(2, a, 500, 60),
    row(3, b, 'truncate.began', { ...at(SHM), from: 8192, to: 0, how: 1, name: 'data' }),
    row(3.1, b, 'truncate.ended', { ...at(SHM), result: error }),
  ];
  assert.deepEqual(idsIn(rows(-26)), ['refused-operation 11,10']);
  assert.deepEqual(idsIn(rows(-13)), [], 'EACCES has other reasons');
});

test('findings are ordered by start, then id, and name the place in the thread', () => {
  const all = found([device(1, a, 60), region(2, a, 500, 60), device(2, b, 80), region(2, b, 501, 80)]);
  assert.deepEqual(
    all.map(({ id, start_ns, thread }) => [id, start_ns, thread]),
    [
      ['pin-without-lease', 2e9, 'Dave Chinner, 19 Aug 2019'],
      ['pin-without-lease', 2e9, 'Dave Chinner, 19 Aug 2019'],
    ],
  );
  assert.deepEqual(
    all.map(({ pids }) => pids),
    [[10], [11]],
  );
});

test('a wait that goes on is told of once it is longer than those before it, also where nothing else happens', () => {
  const place = at(DAX);
  const model = play([
    ...begin,
    row(1, a, 'pin.taken', { object: 300, ...place, page: 5, pages: 1, bytes: 4096, via: 'vmsplice' }),
    row(2, b, 'wait.began', { ...place, page: 5, on: 'dax-page' }),
    row(4, b, 'wait.ended', place),
    row(4, a, 'pin.dropped', { object: 300, page: 5, pages: 1, left: 0, via: 'vmsplice' }),
    row(6, b, 'wait.began', { ...place, page: 6, on: 'dax-page' }),
  ]);
  const causeAt = (s: number) => {
    applyEvent(model, row(s, init, 'beat'));
    return findings(model).map(({ text }) => / for (.*)/.exec(text)?.[1]);
  };
  assert.match(causeAt(7.9).join(), /^a page pinned by a\[10\]/);
  assert.match(causeAt(8.1).join(), /^a busy DAX page; who holds it was not seen/);
});

test('what happens after the end of a lease or pin is no evidence about it', () => {
  const later = [row(20, who(406, 'rdma'), 'task.exited'), row(21, who(405, 'rdma'), 'task.exited')];
  const evidence = findings(play([...rdmaHandedOver(), ...later])).flatMap((each) => each.evidence);
  assert.ok(evidence.length > 0 && evidence.every(({ at_ns }) => at_ns <= 9e9));
});
