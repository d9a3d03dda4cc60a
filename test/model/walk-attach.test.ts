/** Walks among events: what was found becomes the start of what is traced, and a later walk is compared with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/event.ts';
import { applyEvent, findings } from '../../src/model/model.ts';
import { at, DAX, hello, lost, pipeEnd, play, row, who } from './rows.ts';
import {
  answer,
  B,
  C,
  D,
  type Find,
  gap,
  handsIn,
  held,
  idsIn,
  kept,
  leased,
  owner,
  pinned,
  pinsIn,
  pipeOf,
  READ_END,
  region,
  ring,
  sleeping,
  socket,
  WRITE_END,
  walk,
} from './walked.ts';

const seed = (finds: readonly Find[]): Event[] => [hello(9), ...walk(10, finds)];
const found = [...pipeOf(B), pinned(), owner()];
const dropped = (s: number, pages: number, left: number) =>
  row(s, B, 'pin.dropped', { object: 300, page: 700, pages, left, via: 'vmsplice' });
const taken = (s: number, columns = {}) =>
  row(s, B, 'pin.taken', {
    object: 300,
    reach: 300,
    ...at(DAX),
    page: 700,
    pages: 16,
    bytes: 65536,
    via: 'vmsplice',
    ...columns,
  });

test('after a walk the trace moves its facts on, and they stay certain', () => {
  const sent = row(11, B, 'fd.sent', READ_END);
  const received = row(12, C, 'fd.installed', { ...READ_END, fd: 6, how: 1 });
  const given = answer([...seed(found), sent, received, dropped(13, 4, 12)]);
  assert.deepEqual(handsIn(given), ['209 4,5 descriptor', '222 6 descriptor']);
  assert.deepEqual(
    pinsIn(given).map(({ pages, certainty, origin }) => [pages, certainty, origin]),
    [[12, 'definite', 'snapshot']],
  );
  assert.equal(given.certainty, 'definite');
  const [ended] = answer([...seed(found), dropped(13, 16, 0)]).holders;
  assert.deepEqual([ended?.ended_ns, ended?.certainty], [13e9, 'definite']);
});

test('which pages go of an object that was not looked through cannot be told, but when all have gone', () => {
  const inPart = [...pipeOf(B), pinned({ pages: 4 }), owner({ seen: 4 })];
  const left = (events: readonly Event[]) =>
    pinsIn(answer([...seed(inPart), ...events])).map(({ pages, ended_ns }) => [pages, ended_ns]);
  assert.deepEqual(left([dropped(12, 4, 12)]), [[4, undefined]]);
  assert.deepEqual(left([dropped(12, 16, 0)]), [[4, 12e9]]);
});

test('loss after the walk makes it likely', () => {
  assert.equal(answer([...seed(found), lost(12, 3)]).holders[0]?.certainty, 'likely');
});

test('what waited in a queue is received: its queue keeps it no more', () => {
  const inFlight = [kept('queue', READ_END, 80), held(D, 4, socket(81, 80)), pinned(), owner()];
  const received = row(12, D, 'fd.installed', { ...READ_END, fd: 6, how: 1 });
  const given = answer([...seed(inFlight), received]);
  assert.deepEqual([handsIn(given), given.holders[0]?.in_flight], [['172 6 descriptor'], false]);
  assert.equal(given.certainty, 'definite');
});

test('a reference that is sent once more after the walk waits still when the first one is received', () => {
  const inFlight = [kept('queue', READ_END, 80), held(D, 4, socket(81, 80)), ...pipeOf(B), pinned()];
  const sent = row(11, B, 'fd.sent', READ_END);
  const received = (s: number) => row(s, D, 'fd.installed', { ...READ_END, fd: s, how: 1 });
  const isInFlight = (events: readonly Event[]) =>
    answer([...seed(inFlight), ...events]).holders[0]?.in_flight;
  assert.deepEqual([[sent], [sent, received(12)], [sent, received(12), received(13)]].map(isInFlight), [
    true,
    true,
    false,
  ]);
});

test('the socket goes, and what waited in its queue goes with it', () => {
  const inFlight = [kept('queue', READ_END, 80), held(D, 4, socket(81, 80)), pinned(), owner()];
  const gone = [row(12, D, 'task.exited'), row(12.1, D, 'file.finalClosed', socket(81, 80))];
  const given = answer([...seed(inFlight), ...gone]);
  assert.deepEqual([handsIn(given), given.holders[0]?.in_flight, given.certainty], [[], false, 'unknown']);
});

test('who has the ring changes who holds what is registered with it', () => {
  const registered = [kept('ring', READ_END, 70), held(D, 3, ring(71, 70)), pinned(), owner()];
  const forked = row(12, D, 'task.forked', { child: 500 });
  const given = answer([...seed(registered), forked]);
  assert.deepEqual(handsIn(given), ['172 3 io_uring-file', '500 3 io_uring-file']);
  assert.match(
    given.reasons.join(),
    /ring or mapping keeps it is as of the walk/,
    'it may have been unregistered',
  );
});

test('what was found of a pin is found anew when its ring changes hands', () => {
  const pin = pinned({ object: 900, longterm: 1, via: 'rdma-mr', gone: 1 }, DAX, who(405, 'rdma'));
  const registered = [kept('ring', READ_END, 70), held(D, 3, ring(71, 70)), pin];
  const model = play(seed(registered));
  const gone = () => findings(model).find(({ id }) => id === 'holder-gone')?.pids;
  assert.deepEqual(gone(), [405, 172]);
  applyEvent(model, row(12, D, 'task.forked', { child: 500 }));
  assert.deepEqual(gone(), [405, 172, 500]);
});

test('pages whose row came after the walk had seen them count once', () => {
  const [pin, ...more] = pinsIn(answer([...seed(found), taken(11)]));
  assert.deepEqual([pin?.pages, pin?.taken_by?.pid, more.length], [16, 209, 0]);
  const [half] = pinsIn(answer([...seed(found), taken(11, { page: 708, index: 8, pages: 8 })]));
  assert.deepEqual([half?.pages, half?.taken_by], [16, null], 'who pinned the others is not known');
  const two = [
    [16, 'snapshot'],
    [16, 'observed'],
  ];
  for (const other of [taken(11, { page: 1, index: 40 }), taken(300)]) {
    const later = pinsIn(answer([...seed(found), other]));
    assert.deepEqual(
      later.map(({ pages, origin }) => [pages, origin]),
      two,
    );
  }
});

const traced: readonly Event[] = [
  hello(1),
  row(1.1, who(1, 'init'), 'task.forked', { child: B.pid }),
  row(2, B, 'fd.installed', { ...READ_END, fd: 4 }),
  row(2, B, 'fd.installed', { ...WRITE_END, fd: 5 }),
  taken(3),
];

test('what was traced stays what it was: a walk doubles nothing', () => {
  const given = answer([...traced, ...walk(10, found)]);
  assert.deepEqual(
    pinsIn(given).map(({ pages, origin, taken_by, certainty }) => [pages, origin, taken_by?.pid, certainty]),
    [[16, 'observed', 209, 'definite']],
  );
  assert.deepEqual(handsIn(given), ['209 4,5 descriptor']);
});

test('a walk that counts other pages than the trace makes the pin less than certain', () => {
  const more = [...pipeOf(B), pinned({ pages: 20 }), owner({ pages: 20, seen: 20 })];
  const [pin] = pinsIn(answer([...traced, ...walk(10, more)]));
  assert.deepEqual([pin?.pages, pin?.certainty], [20, 'likely']);
});

test('pages that lost their file since they were traced are still those of the pin', () => {
  const cut = [
    row(4, C, 'truncate.began', { ...at(DAX), from: 65536, to: 0, how: 1 }),
    row(4.1, C, 'truncate.ended', { ...at(DAX), result: 0 }),
  ];
  const lostPages = [...pipeOf(B), pinned({ dev: '0:0', ino: 0, page: 715, orphan: 1 }), owner()];
  const given = answer([...traced, ...cut, ...walk(10, lostPages)]);
  assert.deepEqual(
    pinsIn(given).map(({ freed_by, orphan }) => [freed_by?.pid, orphan]),
    [[222, undefined]],
  );
});

test('the same walk again changes nothing', () => {
  const finds = [...found, leased(B), sleeping(C), kept('queue', READ_END, 80), held(D, 4, socket(81, 80))];
  const strip = ({ holders, operations }: ReturnType<typeof answer>) => ({
    holders,
    operations: operations.map(({ waited_ms, waits, ...rest }) => ({ ...rest, waits: waits.length })),
  });
  const later = finds
    .map(
      (find): Find =>
        (s) =>
          find(s - 2),
    )
    .map(
      (find): Find =>
        (s) => ({ ...find(s), ts: (s * 1e9) as never }),
    );
  assert.deepEqual(strip(answer([...walk(10, finds), ...walk(12, later)])), strip(answer(walk(10, finds))));
});

test('of several descriptors of one file those are left that a later walk shows', () => {
  const both = [held(B, 4, READ_END), held(B, 8, READ_END), pinned()];
  const one = [held(B, 8, READ_END), pinned()];
  assert.deepEqual(handsIn(answer([...walk(10, both), ...walk(12, one)])), ['209 8 descriptor']);
});

test('what a later walk, which looks as wide, does not show any more has ended', () => {
  const again = (finds: readonly Find[]) =>
    answer([...walk(10, [...found, sleeping(C)]), ...walk(12, finds)]);
  const closed = again([held(B, 4, READ_END), pinned(), owner()]);
  assert.deepEqual(handsIn(closed), ['209 4 descriptor']);
  assert.equal(closed.operations[0]?.state, 'done');
  const released = again(pipeOf(B));
  assert.deepEqual(
    released.holders.map(({ ended_ns, certainty }) => [ended_ns, certainty]),
    [[12e9, 'likely']],
  );
});

test('one that cannot look into something that the earlier one could proves no end', () => {
  const blind = walk(12, [gap('processes', 'permission')]);
  assert.deepEqual(handsIn(answer([...walk(10, found), ...blind])), ['209 4,5 descriptor']);
  const asBlind = [...walk(10, [...found, gap('processes', 'permission')]), ...blind];
  assert.equal(answer(asBlind).holders[0]?.ended_ns, 12e9);
});

test('what was traced is not ended by a walk that misses it', () => {
  const rows = [...traced, ...walk(10, []), ...walk(12, [])];
  assert.deepEqual(handsIn(answer(rows)), ['209 4,5 descriptor']);
});

test('the lease of a walk is broken, changed and released by rows', () => {
  const regular = { file: 101, ...at(DAX), mode: 0o100644, object: 0 };
  const finds = [held(B, 3, regular), leased(B)];
  const released = row(14, B, 'lease.released', {
    lease: 800,
    file: 101,
    owner: 101,
    ...at(DAX),
    flags: 0x20,
    type: 1,
    cause: 3,
    recorded: 209,
  });
  const given = answer([...seed(finds), released]);
  assert.deepEqual(
    given.holders.map(({ ended_ns }) => ended_ns),
    [14e9],
  );
  assert.ok(idsIn([...seed(finds), released]).includes('lease-break-timeout definite 209'));
});

test('hands of which rows tell are handed over; who pinned before the walk is not guessed', () => {
  const given = row(12, C, 'fd.installed', { ...pipeEnd(301, 300), fd: 6, how: 3 });
  const rows = [...seed([...region(), ...found]), given];
  assert.deepEqual(
    idsIn(rows).filter((id) => !id.startsWith('blocked')),
    [],
  );
});

test('a walk after the end of a lease says nothing about who had it', () => {
  const file = { file: 101, dev: DAX.dev, ino: DAX.ino };
  const ended = row(5, B, 'lease.released', { ...file, owner: 101, recorded: B.pid, cause: 1 });
  const later = walk(10, [held(C, 7, { ...file, mode: 0o100644 })]);
  assert.deepEqual(findings(play([hello(), ended, ...later])), []);
});

test('what was concluded before a walk began is concluded anew while it goes on, and at its end', () => {
  const rows = [...walk(10, [...found, sleeping(C)]), ...walk(20, [...found, sleeping(C)])];
  const model = play([]);
  const certainties = rows.map((event, i) => {
    applyEvent(model, event);
    assert.deepEqual(findings(model), findings(play(rows.slice(0, i + 1))), `after ${event.kind}`);
    return findings(model).map(({ certainty }) => certainty);
  });
  assert.ok(new Set(certainties.flat()).size > 1);
});
