/** Who sleeps when a walk looks: for whom, for which page, or for nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from '../../src/model/model.ts';
import { at, DAX, hello, play, row, who } from './rows.ts';
import {
  answer,
  B,
  C,
  D,
  type Find,
  gap,
  held,
  idsIn,
  kept,
  leased,
  owner,
  pinned,
  pipeOf,
  RAW,
  READ_END,
  sleeping,
  socket,
  WRITE_END,
  walk,
} from './walked.ts';

const first = [...pipeOf(B), pinned(), owner()];
const second = pinned({ object: 400, reach: 400, page: 900, index: 16, pages: 4 });
const operationsIn = (finds: readonly Find[]) => answer(walk(10, finds)).operations;

test('a truncate that hangs: since when, for whom, and the page on its stack', () => {
  const [operation] = operationsIn([...first, sleeping(C)]);
  assert.deepEqual(
    [operation?.op, operation?.pid, operation?.state, operation?.waited_ms, operation?.waits[0]?.blockers],
    ['truncate', 222, 'waiting', 3200, [209]],
  );
  assert.deepEqual(operation?.evidence, ['thread 222', 'page 0x2bc', 'asleep in xfs_break_dax_layouts']);
  assert.deepEqual(idsIn(walk(10, [...first, sleeping(C)])), ['blocked-operation definite 222,209']);
});

test('the page by its place in the file names the very pin, whatever row comes first', () => {
  const both = [...first, second];
  const blockers = (finds: readonly Find[]) => operationsIn(finds)[0]?.waits[0]?.blockers;
  assert.deepEqual(blockers([...both, sleeping(C, { page: 715, index: 15 })]), [209]);
  assert.deepEqual(blockers([sleeping(C, { page: 715, index: 15 }), ...both]), [209]);
  assert.deepEqual(blockers([...both, sleeping(C, { page: 917, index: 17 })]), [], 'that pin is in no hands');
});

test('the page that is waited for is among the evidence of the pin that has it', () => {
  const [pin] = answer(walk(10, [...first, sleeping(C, { page: 703, index: 3 })])).holders;
  assert.deepEqual(pin?.evidence, ['pipe 0x12c', 'page 0x2bc', 'page 0x2bf']);
});

test('without a page all pins of the file may be it; with one that no pin has, none is', () => {
  const certainty = (columns: Parameters<typeof sleeping>[1]) =>
    idsIn(walk(10, [...first, sleeping(C, columns)]));
  assert.deepEqual(certainty({ page: 0 }), ['blocked-operation likely 222,209']);
  assert.deepEqual(certainty({ page: 999, index: 99 }), ['blocked-operation unknown 222']);
});

test('nobody holds the page: the kernel missed a wake-up', () => {
  const rows = walk(10, [sleeping(C, { idle: 1 })]);
  const given = answer(rows);
  assert.deepEqual([given.certainty, given.operations[0]?.waits[0]?.idle], ['definite', true]);
  assert.deepEqual(given.to_free, [
    'kill -STOP 222, then kill -CONT 222: that wakes prog[222] and does nothing else; whopins does not send it',
  ]);
  const missed = findings(play(rows, RAW)).find(({ id }) => id === 'wait-without-holder');
  assert.deepEqual([missed?.certainty, missed?.severity], ['definite', 'critical']);
  assert.match(missed?.text ?? '', /page 0x2bc\) that nobody held .* kill -STOP 222, then kill -CONT 222/);
});

test('no pin is blamed for a page that is idle', () => {
  const inPart = [...pipeOf(B), pinned({ pages: 4 }), owner({ seen: 4 })];
  const blockers = (idle: number) =>
    operationsIn([...inPart, sleeping(C, { page: 715, index: 15, idle })])[0]?.waits[0]?.blockers;
  assert.deepEqual([blockers(0), blockers(1)], [[209], []]);
});

test('a process that waits for what it holds itself', () => {
  const rows = walk(10, [sleeping(B), ...pipeOf(B), pinned(), owner()]);
  assert.ok(idsIn(rows).includes('wait-cycle definite 209'), idsIn(rows).join());
});

test('an opener waits for the lease that is being broken', () => {
  const broken = leased(B, { flags: 0x220, left: 31_000 });
  const finds = [broken, sleeping(C, { op: 'open', on: 'lease-break', page: 0, where: '__break_lease' })];
  const given = answer(walk(10, [...pipeOf(B), ...finds]));
  const [holder] = given.holders;
  assert.ok(holder?.kind === 'lease');
  assert.deepEqual(
    [holder.lease.state, holder.lease.left_ms, holder.taken_by?.alive],
    ['breaking', 31_000, true],
  );
  assert.deepEqual([given.operations[0]?.op, given.operations[0]?.waits[0]?.on], ['open', 'lease-break']);
});

test('a lease of a pid that no row shows to live is that of one that is gone', () => {
  const taker = (comm: string, more: readonly Find[] = []) =>
    answer(walk(10, [leased({ pid: 405, comm }), ...more])).holders[0]?.taken_by;
  assert.deepEqual(taker(''), { pid: 405, comm: '', alive: false });
  assert.deepEqual(taker('rdma'), { pid: 405, comm: 'rdma', alive: true });
  const alive = { pid: 405, comm: 'late' };
  assert.deepEqual(taker('', pipeOf(alive)), { pid: 405, comm: 'late', alive: true });
});

test('what a walk found waiting ends with the row that tells its end', () => {
  const ended = row(14, C, 'truncate.ended', { dev: '259:0', ino: 131, result: 0 });
  const [operation] = answer([...walk(10, [...first, sleeping(C)]), ended]).operations;
  assert.deepEqual(
    [operation?.state, operation?.result, operation?.waited_ms, operation?.started_ns],
    ['done', 0, 7200, 6.8e9],
  );
  const closing = sleeping(C, { op: 'close' });
  const woken = row(14, C, 'wait.ended', { dev: '259:0', ino: 131 });
  assert.equal(answer([...walk(10, [...first, closing]), woken]).operations[0]?.state, 'done');
});

test('a sleeper whose wait was traced is not told twice', () => {
  const inode = { dev: '259:0', ino: 131 };
  const traced = [
    row(5, C, 'truncate.began', { ...inode, from: 65536, to: 0, how: 1 }),
    row(6, C, 'wait.began', { ...inode, page: 700, on: 'dax-page' }),
  ];
  const { operations } = answer([...traced, ...walk(10, [...first, sleeping(C)])]);
  assert.deepEqual(
    operations.map(({ started_ns, waits }) => [
      started_ns,
      waits.map(({ since_ns, blockers }) => [since_ns, blockers]),
    ]),
    [[5e9, [[6e9, [209]]]]],
  );
});

test('a source makes the wait likely', () => {
  const { certainty, reasons } = answer(walk(10, [...first, sleeping(C, { source: '/proc/222/stack' })]));
  assert.deepEqual([certainty, reasons], ['likely', ['/proc/222/stack']]);
  assert.ok(answer(walk(10, [sleeping(D, { page: 0 })])).certainty === 'unknown');
});

test('a forgotten sleeper that sleeps anew was woken: what was found stays found, with an end', () => {
  const idle = [...walk(10, [sleeping(C, { idle: 1 })])];
  const anew = row(13, C, 'wait.began', { dev: '259:0', ino: 131, page: 5, on: 'dax-page' });
  const found = findings(play([...idle, anew], RAW)).filter(({ id }) => id === 'wait-without-holder');
  assert.deepEqual(
    found.map(({ start_ns, end_ns }) => [start_ns, end_ns]),
    [[10e9, 13e9]],
  );
  const busy = [...pipeOf(B), pinned(), owner(), sleeping(C, { since: 12e9 })];
  const later = findings(play([...idle, ...walk(13, busy)], RAW)).map(({ id, end_ns }) => [id, end_ns]);
  assert.ok(
    later.some(([id, end]) => id === 'wait-without-holder' && end === 12e9),
    JSON.stringify(later),
  );
});

/** `C` has the reading end, the writing end sits in the queue of D's socket; `A` truncates from 20 s on. */
const threeHands = [
  held(C, 5, READ_END),
  kept('queue', WRITE_END, 600),
  held(D, 7, socket(601, 600)),
  pinned(),
  owner(),
];
const A = who(230, 'a');
const cuts = [
  row(20, A, 'truncate.began', { ...at(DAX), from: 65536, to: 0, how: 1 }),
  row(20, A, 'wait.began', { ...at(DAX), page: 700, on: 'dax-page' }),
];
const [goesOn, returns] = [
  row(24.1, A, 'wait.ended', at(DAX)),
  row(24.2, A, 'truncate.ended', { ...at(DAX), result: 0 }),
];
const closesRead = [
  row(22, C, 'fd.closed', { ...READ_END, fd: 5 }),
  row(22, C, 'file.finalClosed', READ_END),
];

test('everybody who held it while the truncate waited is named, also who let go with the queue at the end', () => {
  const exits = [
    row(24, D, 'task.exited'),
    row(24.001, D, 'file.finalClosed', socket(601, 600)),
    row(24.002, D, 'file.finalClosed', WRITE_END),
  ];
  const rows = [hello(1), ...walk(10, threeHands), ...cuts, ...closesRead, ...exits, goesOn, returns];
  const { operations, holders } = answer(rows);
  assert.deepEqual(operations[0]?.waits[0]?.blockers, [172, 222]);
  assert.deepEqual(
    holders[0]?.held_by.map(({ pid, fds, through }) => `${pid} ${fds} ${through}`),
    ['172 7 socket-queue'],
  );
});

test('with a queue that the walk could not look into, the other end of a pipe may be there: its pages stay', () => {
  const seen = [held(C, 5, READ_END), pinned(), owner(), gap('fd-passing', 'no room for the program')];
  const rows = [hello(1), ...walk(10, seen), ...cuts, ...closesRead];
  const then = answer([...rows, row(30, A, 'beat')]);
  assert.equal(then.holders[0]?.ended_ns, undefined);
  assert.equal(then.certainty, 'unknown');
  const missed = findings(play([...rows, row(30, A, 'beat')], RAW)).filter(
    ({ id }) => id === 'wait-without-holder',
  );
  assert.deepEqual(missed, []);
  // Whoever waited for them got on, so they are gone.
  const after = answer([...rows, goesOn, returns]);
  assert.deepEqual([after.holders[0]?.ended_ns, after.holders[0]?.certainty], [24.1e9, 'likely']);
});
