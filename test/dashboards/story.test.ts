import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStory } from '../../dashboards/story.ts';
import { byTrouble, byWeight, troubleRank } from '../../dashboards/trouble.ts';
import type { BootNs, InodeKey } from '../../src/event/event.ts';
import type { FileSummary, Finding } from '../../src/model/answer.ts';
import { eventLine } from '../../src/report/event-line.ts';
import { HANDED_OVER, HEADER, LEASE_BREAK } from './made-up-trace.ts';
import { at, FREED, RDMA_SUMMARY } from './scenes.ts';

function file(key: string, given: Partial<FileSummary>): FileSummary {
  const quiet = { ...RDMA_SUMMARY, worst: null, pinnedBytes: 0, changed_ns: 0 as BootNs };
  return { ...quiet, ...given, key: key as InodeKey };
}

function wait(since: number): Partial<FileSummary> {
  return { waiting: [{ pid: 1, comm: 'a', op: 'open', since_ns: at(since) }] };
}

test('files are ordered by trouble: longest wait, findings, breaking leases, pinned bytes', () => {
  const files = [
    file('quiet', {}),
    file('pinned', { pinnedBytes: 4096 }),
    file('breaking', { breaking: 1 }),
    file('noted', { worst: 'note' }),
    file('critical', { worst: 'critical' }),
    file('waits', wait(2)),
    file('waits longer', wait(1)),
  ];
  const order = files.sort(byTrouble).map(({ key }) => key);
  assert.deepEqual(order, ['waits longer', 'waits', 'critical', 'noted', 'breaking', 'pinned', 'quiet']);
});

test('the rank of a file says the same as the order, as far as it goes', () => {
  const files = [
    file('a', {}),
    file('b', { pinnedBytes: 4096 }),
    file('c', { pinnedBytes: 2 ** 50 }),
    file('d', { breaking: 1 }),
    file('e', { breaking: 5000 }),
    file('f', { worst: 'note' }),
    file('g', { worst: 'critical', pinnedBytes: 4096 }),
    file('h', wait(2)),
    file('i', wait(1)),
  ];
  for (const one of files) {
    for (const other of files) {
      const ranks = troubleRank(one) - troubleRank(other);
      if (ranks !== 0)
        assert.equal(Math.sign(ranks), Math.sign(byTrouble(one, other)), `${one.key} ${other.key}`);
    }
  }
});

test('findings: worst first, what holds before what is over, latest first', () => {
  const find = (name: string, given: Partial<Finding>): Finding => ({ ...FREED, text: name, ...given });
  const found = [
    find('old', { start_ns: at(1) }),
    find('over', { start_ns: at(3), end_ns: at(4) }),
    find('note', { severity: 'note' }),
    find('new', { start_ns: at(2) }),
  ];
  assert.deepEqual(
    found.sort(byWeight).map(({ text }) => text),
    ['new', 'old', 'over', 'note'],
  );
});

test('a story reads what its events told: the holder of the handed-over region, then the file where one waits', () => {
  const story = createStory(HEADER, eventLine);
  for (const event of HANDED_OVER) story.apply(event);
  const before = story.read(at(2));
  assert.equal(before.files.length, 1);
  const first = before.files.at(0);
  assert.ok(first);
  assert.deepEqual(
    before.who(first.key).holders[0]?.held_by.map(({ pid, fds }) => ({ pid, fds })),
    [{ pid: 406, fds: [3] }],
  );
  assert.equal(before.findings[0]?.id, 'freed-under-pin');
  for (const event of LEASE_BREAK) story.apply(event);
  assert.equal(story.read(at(3)).files.at(0)?.target.path, '/dev/shm/leased');
});
