/** Who holds pins, found by a walk alone: through descriptors, queues, rings and mappings, and how certain that is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InodeKey } from '../../src/event/event.ts';
import { fileSummaries, findTarget, whoAnswer } from '../../src/model/model.ts';
import { DAX, play, row, SHM } from './rows.ts';
import {
  answer,
  B,
  C,
  D,
  gap,
  handsIn,
  held,
  idsIn,
  KEY,
  kept,
  leased,
  mapped,
  named,
  owner,
  PIPE,
  pinned,
  pinsIn,
  pipeOf,
  RAW,
  READ_END,
  region,
  ring,
  socket,
  WRITE_END,
  walk,
} from './walked.ts';

test('a pipe in one process: a fact, with the kernel objects that say so', () => {
  const given = answer(walk(10, [...pipeOf(B), pinned(), owner(), named('/mnt/dax/data')]));
  const [pin] = pinsIn(given);
  assert.deepEqual(handsIn(given), ['209 4,5 descriptor']);
  assert.deepEqual(
    [pin?.pages, pin?.bytes, pin?.taken_by, pin?.origin, pin?.certainty, pin?.in_flight, pin?.lease],
    [16, 65536, null, 'snapshot', 'definite', false, null],
  );
  assert.deepEqual(pin?.evidence, ['pipe 0x12c', 'page 0x2bc']);
  assert.deepEqual(
    [given.certainty, given.reasons, given.walked_ns, given.target.path],
    ['definite', [], 10e9, '/mnt/dax/data'],
  );
  assert.deepEqual(given.to_free, ['close fds 4 and 5 in prog[209], or end it']);
});

test('the rows of a walk may come in any order', () => {
  const finds = [...pipeOf(B), pinned({ pages: 8 }), pinned({ page: 708, index: 8, pages: 8 }), owner()];
  const forwards = answer(walk(10, finds));
  assert.deepEqual(answer(walk(10, [...finds].reverse())).holders[0]?.held_by, forwards.holders[0]?.held_by);
  assert.deepEqual(
    pinsIn(forwards).map(({ pages }) => pages),
    [16],
  );
});

test('a recording does not tell addresses, but which objects are the same', () => {
  const [holder] = whoAnswer(play(walk(10, [...pipeOf(B), pinned()])), KEY).holders;
  assert.deepEqual(holder?.evidence, ['pipe #300', 'page #700']);
});

test('pages of two files in one pipe are two pins', () => {
  const rows = walk(10, [
    ...pipeOf(B),
    pinned({ pages: 8 }),
    pinned({ page: 1, pages: 4 }, SHM),
    owner({ pages: 12, seen: 12 }),
  ]);
  assert.deepEqual(
    pinsIn(answer(rows)).map(({ pages }) => pages),
    [8],
  );
  assert.deepEqual(
    pinsIn(answer(rows, '0:26:2' as InodeKey)).map(({ pages }) => pages),
    [4],
  );
});

test('in flight: whoever has the socket holds what waits in its queue', () => {
  const rows = walk(10, [kept('queue', READ_END, 80), held(D, 4, socket(81, 80)), pinned(), owner()]);
  const given = answer(rows);
  assert.deepEqual(handsIn(given), ['172 4 socket-queue']);
  assert.deepEqual([given.holders[0]?.in_flight, given.certainty], [true, 'definite']);
  assert.deepEqual(given.to_free, [
    'receive what waits in the queue of socket fd 4 of other[172], or close that socket',
  ]);
});

test('a socket in the queue of a socket, and two that are in the queue of each other', () => {
  const nested = [kept('queue', READ_END, 80), kept('queue', socket(81, 80), 90), held(D, 7, socket(91, 90))];
  assert.deepEqual(handsIn(answer(walk(10, [...nested, pinned()]))), ['172 7 socket-queue']);
  const circle = [
    kept('queue', READ_END, 80),
    kept('queue', socket(81, 80), 90),
    kept('queue', socket(91, 90), 80),
  ];
  const lost = answer(walk(10, [...circle, pinned()]));
  assert.deepEqual([handsIn(lost), lost.holders[0]?.in_flight], [[], true]);
  assert.deepEqual(handsIn(answer(walk(10, [...circle, held(D, 7, socket(92, 90)), pinned()]))), [
    '172 7 socket-queue',
  ]);
});

test('a registered file of a ring, and a ring that lives by its mapping alone', () => {
  const registered = kept('ring', READ_END, 70);
  const byFd = answer(walk(10, [registered, held(D, 3, ring(71, 70)), pinned()]));
  assert.deepEqual(handsIn(byFd), ['172 3 io_uring-file']);
  assert.deepEqual(byFd.to_free, ['unregister the files of io_uring fd 3 of other[172], or close that ring']);
  const byMapping = answer(walk(10, [registered, kept('mapping', ring(71, 70), 0, D), pinned()]));
  assert.deepEqual(handsIn(byMapping), ['172  mapping']);
  assert.deepEqual(
    [byMapping.to_free, byMapping.certainty],
    [['unmap it in other[172], or end it'], 'definite'],
  );
});

test('one process may hold it in two ways', () => {
  const rows = walk(10, [...pipeOf(B), kept('queue', WRITE_END, 80), held(B, 9, socket(81, 80)), pinned()]);
  assert.deepEqual(handsIn(answer(rows)), ['209 4,5 descriptor', '209 9 socket-queue']);
});

test('who pinned: gone, living, or not told', () => {
  const taker = (by: typeof B, columns = {}) => pinsIn(answer(walk(10, region(columns, by))))[0]?.taken_by;
  assert.deepEqual(taker({ pid: 405, comm: 'rdma' }, { gone: 1 }), { pid: 405, comm: 'rdma', alive: false });
  assert.deepEqual(taker(B), { pid: 209, comm: 'prog', alive: true });
  assert.deepEqual(idsIn(walk(10, region({ gone: 1 }, { pid: 405, comm: 'rdma' }))), [
    'handed-over-without-lease likely 209,405',
    'holder-gone definite 405,209',
  ]);
  assert.deepEqual(idsIn(walk(10, region())), [], 'nobody is guessed');
});

test('the lease of the process that pinned is told with the pin, whichever row comes first', () => {
  const lease = (finds: Parameters<typeof walk>[1]) => pinsIn(answer(walk(10, finds)))[0]?.lease?.state;
  assert.equal(lease([...region({}, B), leased(B)]), 'active');
  assert.equal(lease([leased(B), ...region({}, B)]), 'active');
  assert.equal(lease([leased(D), ...region({}, B)]), undefined);
});

test('a pid that is gone may be that of another process by now', () => {
  const rows = walk(10, [...region({ gone: 1 }, { pid: 209, comm: 'old' })]);
  const [pin] = pinsIn(answer(rows));
  assert.deepEqual(
    [pin?.taken_by, pin?.held_by[0]?.comm, pin?.held_by[0]?.alive],
    [{ pid: 209, comm: 'old', alive: false }, 'prog', true],
  );
});

test('what comes from elsewhere than the kernel is likely, and says from where', () => {
  const rows = walk(10, region({ source: 'told by rdma(8)' }));
  const [pin] = pinsIn(answer(rows));
  assert.deepEqual([pin?.certainty, pin?.reasons, pin?.evidence], ['likely', ['told by rdma(8)'], []]);
  const byProc = answer(walk(10, [held(B, 4, READ_END, '/proc/209/fd'), pinned()]));
  assert.deepEqual([byProc.certainty, byProc.reasons], ['likely', ['/proc/209/fd']]);
});

test('an object that was not looked through to its end', () => {
  const rows = walk(10, [...pipeOf(B), pinned({ pages: 4 }), owner({ pages: 16, seen: 4 })]);
  const [pin] = pinsIn(answer(rows));
  assert.deepEqual(
    [pin?.pages, pin?.certainty, pin?.reasons],
    [4, 'likely', ['the walk looked at 4 of the 16 pages of its pipe']],
  );
  const other = answer(rows, '0:26:2' as InodeKey);
  assert.match(other.reasons.join(), /did not look at 12 pinned pages \(pipe\): they may be this file's/);
});

test('nobody: likely at best, and less where pins are unaccounted for or a way was not looked into', () => {
  const balance = { acquired: 1000, released: 744 };
  const certainty = (finds: Parameters<typeof walk>[1], end = {}) => answer(walk(10, finds, end)).certainty;
  assert.equal(certainty([named('/x')]), 'likely');
  assert.equal(certainty([], balance), 'unknown');
  assert.equal(certainty([gap('vmsplice', 'pipes cannot be looked into')]), 'unknown');
  const counted = answer(walk(10, [owner({ counted: 256 })], balance));
  assert.deepEqual([counted.certainty, counted.pin_balance], ['likely', { counted: 256, explained: 256 }]);
});

test('pages that nobody explains take nothing from a holder that was found', () => {
  const given = answer(
    walk(10, [...pipeOf(B), pinned(), owner({ counted: 16 })], { acquired: 20, released: 0 }),
  );
  assert.deepEqual([given.certainty, given.pin_balance], ['definite', { counted: 20, explained: 16 }]);
  assert.match(given.reasons.join(), /counted 4 pinned pages more than lie in the objects/);
});

test('a walk that did not come to its end is not as certain', () => {
  const given = answer(walk(10, [...pipeOf(B), pinned()]).slice(0, -1));
  assert.deepEqual([given.certainty, given.holders[0]?.certainty], ['likely', 'likely']);
});

test('what the walk could not look into is told once', () => {
  const given = answer(walk(10, [gap('vfio', 'no'), gap('vfio', 'no'), gap('netns', 'other')]));
  assert.deepEqual(given.not_covered, [
    { path: 'vfio', reason: 'no' },
    { path: 'netns', reason: 'other' },
  ]);
});

test('pages of a file that was cut are possible holders of every file on their device', () => {
  const rows = walk(10, [...pipeOf(B), pinned({ ino: 0, orphan: 1 }), owner()]);
  const given = answer(rows);
  const [pin] = pinsIn(given);
  assert.deepEqual([pin?.orphan, pin?.certainty, handsIn(given)], [true, 'unknown', ['209 4,5 descriptor']]);
  assert.match(pin?.reasons.join() ?? '', /belong to no file any more: they may have been this file's/);
  assert.deepEqual(
    [given.certainty, given.to_free],
    ['unknown', ['close fds 4 and 5 in prog[209], or end it']],
  );
  assert.deepEqual(answer(rows, '0:26:2' as InodeKey).holders, [], 'not those of another device');
  assert.deepEqual(idsIn(rows), ['freed-under-pin likely 209']);
  const place = answer(rows, '259:0:0' as InodeKey);
  assert.deepEqual([place.target.path, place.holders.length, place.certainty], [null, 1, 'definite']);
});

test('next to pins of the file itself they only leave it open whether these are all', () => {
  const other = { object: 400, reach: 400, page: 900 };
  const rows = walk(10, [...pipeOf(B), pinned(), pinned({ ...other, ino: 0, orphan: 1 }), owner()]);
  const given = answer(rows);
  assert.deepEqual(
    [pinsIn(given).map(({ certainty }) => certainty), given.certainty],
    [['definite', 'unknown'], 'likely'],
  );
  assert.deepEqual(given.to_free, ['close fds 4 and 5 in prog[209], or end it']);
});

test('pages that do not even tell their device are listed, and left open for each file', () => {
  const rows = walk(10, [...pipeOf(B), pinned({ dev: '0:0', ino: 0, orphan: 1 }), owner()]);
  const model = play(rows, RAW);
  assert.deepEqual(
    fileSummaries(model).map(({ target, pins, holderPids }) => [target.path, target.ino, pins, holderPids]),
    [[null, 0, 1, [209]]],
  );
  const found = findTarget(model, '0:0:0');
  assert.ok(found.ok);
  assert.deepEqual(handsIn(whoAnswer(model, found.value)), ['209 4,5 descriptor']);
  const given = whoAnswer(model, KEY);
  assert.deepEqual([given.holders, given.certainty], [[], 'likely']);
  assert.match(given.reasons.join(), /16 pinned pages of no file any more may have been this file's/);
});

test('anonymous memory is nobody’s file, but part of the count', () => {
  const anonymous = pinned({ dev: '0:0', ino: 0 });
  const given = answer(
    walk(10, [...pipeOf(B), anonymous, owner({ counted: 16 })], { acquired: 16, released: 0 }),
  );
  assert.deepEqual([given.holders, given.pin_balance], [[], { counted: 16, explained: 16 }]);
  assert.deepEqual(fileSummaries(play(walk(10, [anonymous]), RAW)), []);
});

test('who has the file open or maps it', () => {
  const file = { file: 101, dev: DAX.dev, ino: DAX.ino, mode: 0o100644, object: 0 };
  const finds = [
    held(B, 3, file),
    held(B, 8, file),
    held(D, 3, file),
    mapped(B, 4096),
    mapped(B, 8192, { address: 9 }),
  ];
  assert.deepEqual(
    answer(walk(10, [...finds, mapped(C, 4096)])).users.map(({ pid, fds, mapped_bytes }) => [
      pid,
      fds,
      mapped_bytes,
    ]),
    [
      [172, [3], 0],
      [209, [3, 8], 12288],
      [222, [], 4096],
    ],
  );
});

test('the names of a trace are worth more than a path of the walk', () => {
  const trace = [0, 1].map((depth) =>
    row(1, B, 'inode.named', {
      inode: 5,
      dev: DAX.dev,
      ino: DAX.ino,
      depth,
      name: ['data', '/'][depth] ?? '',
      fs: 'xfs',
    }),
  );
  const given = answer([...trace, ...walk(10, [named('/other'), pinned({ object: PIPE })])]);
  assert.equal(given.target.path, '/mnt/dax/data');
});
