/** Pins: added up, released page by page, freed by truncates and hole punches that touch their pages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, InodeKey } from '../../src/event/event.ts';
import type { PinHolder } from '../../src/model/answer.ts';
import { fileSummaries, findings, whoAnswer } from '../../src/model/model.ts';
import { at, DAX, hello, pipeEnd, play, row, SHM, uverbs, who } from './rows.ts';

const [a, b] = [who(10, 'a'), who(11, 'b')];
const KEY = '0:26:2' as InodeKey;

const begin: readonly Event[] = [
  hello(),
  row(0.1, who(1, 'init'), 'task.forked', { child: 10 }),
  row(0.2, a, 'task.executed'),
  row(1, a, 'fd.installed', { ...pipeEnd(50, 70), fd: 3 }),
  row(1, a, 'fd.installed', { ...uverbs(60), fd: 4 }),
];

function spliced(s: number, index: number, pages: number, place = SHM) {
  const pipe = { object: 70, reach: 70, via: 'vmsplice', page: 700 + index };
  return row(s, a, 'pin.taken', { ...pipe, ...at(place), index, pages, bytes: pages * 4096 });
}

function registered(s: number, object: number, columns = {}) {
  const region = { object, reach: 60, via: 'rdma-mr', device: 'rxe0', longterm: 1, write: 1 };
  return row(s, a, 'pin.taken', {
    ...region,
    ...at(SHM),
    page: 800,
    index: 0,
    pages: 4,
    bytes: 16384,
    ...columns,
  });
}

function dropped(s: number, object: number, pages: number, left: number, page = 0) {
  return row(s, a, 'pin.dropped', { object, page, pages, left, via: 'vmsplice' });
}

function pinsIn(events: readonly Event[], key = KEY): PinHolder[] {
  return whoAnswer(play([...begin, ...events]), key).holders.filter((holder) => holder.kind === 'pin');
}

const live = (pins: readonly PinHolder[]) => pins.filter((pin) => pin.ended_ns === undefined);

test('what one process puts into one pipe adds up, and goes page by page', () => {
  const full = [spliced(2, 0, 2), spliced(2.1, 2, 3)];
  assert.deepEqual(
    pinsIn(full).map(({ pages, bytes }) => [pages, bytes]),
    [[5, 20480]],
  );
  const rest = pinsIn([...full, dropped(3, 70, 1, 4), dropped(3.1, 70, 1, 3)]);
  assert.deepEqual(
    rest.map(({ pages, bytes, certainty }) => [pages, bytes, certainty]),
    [[3, 12288, 'definite']],
  );
  const [ended] = pinsIn([...full, dropped(3, 70, 5, 0)]);
  assert.deepEqual([ended?.pages, ended?.ended_ns], [5, 3e9], 'an ended pin tells all that it held');
});

test('pages of two files in one pipe go in the order in which they came', () => {
  const mixed = [spliced(2, 0, 2), spliced(2.1, 0, 2, DAX), dropped(3, 70, 3, 1)];
  assert.deepEqual(live(pinsIn(mixed)).length, 0);
  assert.deepEqual(
    live(pinsIn(mixed, '259:0:131' as InodeKey)).map(({ pages }) => pages),
    [1],
  );
});

test('a release that does not add up is made to, and told as likely', () => {
  const [pin] = pinsIn([spliced(2, 0, 8), dropped(3, 70, 1, 3)]);
  assert.deepEqual([pin?.pages, pin?.certainty], [3, 'likely']);
  assert.match(pin?.reasons.join() ?? '', /do not add up/);
});

test('a region over two files is two pins; its length is not counted twice', () => {
  const twoFiles = [
    registered(2, 500, { pages: 3, bytes: 20480 }),
    registered(2.0001, 500, { ...at(DAX), pages: 2, bytes: 20480 }),
  ];
  assert.deepEqual(
    pinsIn(twoFiles).map(({ pages, bytes }) => [pages, bytes]),
    [[3, 12288]],
  );
  assert.deepEqual(
    pinsIn(twoFiles, '259:0:131' as InodeKey).map(({ pages, bytes }) => [pages, bytes]),
    [[2, 8192]],
  );
});

test('a region at the address of an earlier one means that the release of that was not seen', () => {
  const pins = pinsIn([registered(2, 500), registered(8, 500)]);
  assert.deepEqual(
    pins.map(({ since_ns }) => since_ns),
    [8e9],
  );
  const gone = play([...begin, registered(2, 500), registered(8, 500), dropped(9, 500, 4, 0)]);
  const ends = whoAnswer(gone, KEY).holders.map(({ ended_ns, certainty }) => [ended_ns, certainty]);
  assert.deepEqual(ends, [
    [8e9, 'likely'],
    [9e9, 'definite'],
  ]);
});

test('without an owner object a pin is held by its taker, likely, and ends with it', () => {
  const rows = [registered(2, 0, { reach: 0, via: 'other' })];
  const [pin] = pinsIn(rows);
  assert.deepEqual([pin?.held_by.map(({ pid }) => pid), pin?.certainty], [[10], 'likely']);
  const [ended] = pinsIn([...rows, row(5, a, 'task.exited')]);
  assert.deepEqual([ended?.ended_ns, ended?.certainty], [5e9, 'likely']);
});

test('anonymous memory in a pipe is no file, but takes part in its count', () => {
  const anonymous = row(2, a, 'pin.taken', { object: 70, reach: 70, via: 'vmsplice', pages: 2, bytes: 8192 });
  const model = play([...begin, anonymous, spliced(2.1, 0, 2), dropped(3, 70, 1, 3), dropped(3.1, 70, 1, 2)]);
  assert.deepEqual(
    fileSummaries(model).map(({ key, pins, pinnedBytes }) => [key, pins, pinnedBytes]),
    [[KEY, 1, 8192]],
  );
});

const cut = (s: number, from: number, to: number, result = 0) => [
  row(s, b, 'truncate.began', { ...at(SHM), from, to, how: 1, name: 'data' }),
  row(s + 0.001, b, 'truncate.ended', { ...at(SHM), result }),
];
const FALLOC = { punch: 0x3, collapse: 0x8, zero: 0x10, insert: 0x20 };
const punch = (s: number, mode: number, offset: number, length: number) => [
  row(s, b, 'hole.began', { ...at(SHM), mode, offset, length, name: 'data' }),
  row(s + 0.001, b, 'hole.ended', { ...at(SHM), result: 0 }),
];
const isFreed = (events: readonly Event[]) =>
  findings(play([...begin, registered(2, 500, { index: 4, pages: 4 }), ...events])).some(
    ({ id }) => id === 'freed-under-pin',
  );

test('only operations that take pinned pages away free under a pin', () => {
  const page = 4096;
  const cases: readonly (readonly [what: string, events: readonly Event[], freed: boolean])[] = [
    ['truncate to nothing', cut(3, 64 * page, 0), true],
    ['truncate into the last pinned page', cut(3, 64 * page, 7 * page + 1), false],
    ['truncate to the last pinned page', cut(3, 64 * page, 7 * page), true],
    ['truncate beyond', cut(3, 64 * page, 8 * page), false],
    ['truncate that grows', cut(3, 2 * page, 64 * page), false],
    ['truncate that fails', cut(3, 64 * page, 0, -5), false],
    ['truncate from an unknown size', cut(3, -1, 0), true],
    ['punch before', punch(3, FALLOC.punch, 0, 4 * page), false],
    ['punch into', punch(3, FALLOC.punch, 5 * page, page), true],
    ['punch less than a page', punch(3, FALLOC.punch, 5 * page + 1, page), false],
    ['punch behind', punch(3, FALLOC.punch, 8 * page, page), false],
    ['zero over', punch(3, FALLOC.zero, 4 * page, page), true],
    ['collapse before: all that follows moves', punch(3, FALLOC.collapse, 0, page), true],
    ['collapse behind', punch(3, FALLOC.collapse, 8 * page, page), false],
    ['insert before', punch(3, FALLOC.insert, 0, page), true],
    ['after the release', [dropped(2.5, 500, 4, 0), ...cut(3, 64 * page, 0)], false],
  ];
  for (const [what, events, freed] of cases) assert.equal(isFreed(events), freed, what);
});

test('128 long-term pins within 10 s and more, none released, are a leak; with a release between they are not', () => {
  const taken = (i: number) => registered(2 + i / 10, 1000 + i);
  const all = Array.from({ length: 130 }, (_, i) => taken(i));
  const ids = (events: readonly Event[]) => findings(play([...begin, ...events])).map(({ id }) => id);
  assert.ok(ids(all).includes('pin-leak'));
  const release = dropped(8, 1000, 4, 0);
  assert.ok(!ids([...all.slice(0, 60), release, ...all.slice(60)]).includes('pin-leak'));
});
