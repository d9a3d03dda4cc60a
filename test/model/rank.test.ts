/** Holders in the order in which they would stop a truncate, and the rows that findings rest on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, InodeKey } from '../../src/event/event.ts';
import { findings, reportAnswer, whoAnswer } from '../../src/model/model.ts';
import { a, b, began, begin, ended, goesOn, pinBy, waits } from './cast.ts';
import { at, DAX, type Place, play, row, SHM, uverbs } from './rows.ts';
import { LEASE } from './stories.ts';

const lease = (s: number, place: Place) =>
  row(s, b, 'lease.added', { file: 900, owner: 900, ...at(place), flags: LEASE, type: 1, fd: 9 });
const region = (s: number, place: Place) => [
  row(s, a, 'fd.installed', { ...uverbs(60), fd: 4 }),
  row(s, a, 'pin.taken', {
    object: 61,
    reach: 60,
    ...at(place),
    page: 1,
    pages: 4,
    longterm: 1,
    via: 'rdma-mr',
  }),
];

function ranked(events: readonly Event[], { dev, ino }: Place): string[] {
  const { holders } = whoAnswer(play([...begin, ...events]), `${dev}:${ino}` as InodeKey);
  return holders.map((each) => `${each.kind === 'pin' ? each.via : 'lease'} ${each.stops_truncate}`);
}

test('what is waited for comes first, then leases, then pins that may be waited for', () => {
  const waiting = [...pinBy(a, 1, 500), ...pinBy(a, 1.2, 600), lease(1.5, DAX), began(2), waits(2, 600)];
  assert.deepEqual(ranked(waiting, DAX), ['vmsplice yes', 'vmsplice yes', 'lease yes']);
  assert.deepEqual(ranked([...pinBy(a, 1, 500), lease(1.5, DAX)], DAX), ['lease yes', 'vmsplice perhaps']);
});

test('pins of the page cache stop no truncate: a long-term one, one of a file on tmpfs, one whose pages are gone', () => {
  assert.deepEqual(ranked([...region(1, SHM), lease(2, SHM)], SHM), ['lease yes', 'rdma-mr no']);
  const named = row(0.5, a, 'inode.named', { inode: 1, ...at(SHM), depth: 0, name: 'data', fs: 'tmpfs' });
  assert.deepEqual(ranked([named, ...pinBy(a, 1, 500, SHM)], SHM), ['vmsplice no']);
  assert.deepEqual(ranked([...pinBy(a, 1, 500), began(2), ended(2.1)], DAX), ['vmsplice no']);
});

test('what is over stops nothing', () => {
  const dropped = row(3, a, 'pin.dropped', { object: 500, pages: 2, left: 0, via: 'vmsplice' });
  assert.deepEqual(ranked([...pinBy(a, 1, 500), dropped], DAX), ['vmsplice no']);
});

test('a finding names the rows that it rests on, oldest first', () => {
  const events = [...begin, ...pinBy(a, 1, 500), began(2), waits(2, 500), goesOn(4.5), ended(4.5)];
  const blocked = findings(play(events)).find(({ id }) => id === 'blocked-operation');
  assert.deepEqual(
    blocked?.evidence.map(({ row: kind, at_ns }) => `${kind} ${at_ns / 1e9}`),
    ['truncate.began 2', 'wait.began 2', 'wait.ended 4.5', 'truncate.ended 4.5'],
  );
  for (const { row: kind, at_ns } of blocked?.evidence ?? []) {
    assert.ok(events.some((event) => event.kind === kind && event.ts === at_ns));
  }
  assert.equal(reportAnswer(play(events)).forgotten, 0);
});
