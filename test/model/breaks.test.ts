/** Lease breaks: the opens that they hold up or refuse. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InodeKey } from '../../src/event/event.ts';
import { whoAnswer } from '../../src/model/model.ts';
import { a, b, begin, idsIn, operationsIn, pinBy } from './cast.ts';
import { at, EXT4, play, row, SHM } from './rows.ts';
import { LEASE } from './stories.ts';

const FILE = 101;
const LEASED = '254:1:14' as InodeKey;
const leased = row(1, a, 'lease.added', {
  file: FILE,
  owner: FILE,
  ...at(EXT4),
  flags: LEASE,
  type: 1,
  fd: 9,
});

test('a break that may not wait refuses the open, and the lease stays marked', () => {
  const rows = [
    leased,
    row(2, b, 'break.requested', { ...at(EXT4), mode: 0x801, type: LEASE }),
    row(2.001, b, 'break.ended', { ...at(EXT4), result: -11 }),
    row(2.002, b, 'open.ended', { result: -11 }),
  ];
  const answer = whoAnswer(play([...begin, ...rows]), LEASED);
  assert.deepEqual(
    answer.operations.map(({ op, state, result, waited_ms }) => [op, state, result, waited_ms]),
    [['open', 'done', -11, 0]],
  );
  const [holder] = answer.holders;
  assert.equal(holder?.kind === 'lease' && holder.lease.state, 'breaking');
  assert.deepEqual(idsIn(rows), ['refused-operation definite 11,10']);
});

test('a break that neither waits nor refuses leaves no operation', () => {
  const rows = [
    leased,
    row(2, b, 'break.requested', { ...at(EXT4), mode: 0, type: LEASE }),
    row(2.001, b, 'break.ended', { ...at(EXT4), result: 0 }),
  ];
  assert.deepEqual(whoAnswer(play([...begin, ...rows]), LEASED).operations, []);
});

test('from 7.2 on the mode column tells how and what is broken', () => {
  const [LAYOUT_BIT, READ_BIT] = [0x4, 0x10];
  const layout = row(1, a, 'lease.added', {
    file: 102,
    owner: 55,
    ...at(EXT4),
    flags: 0x800,
    type: 0,
    fd: -1,
  });
  const rows = (mode: number) => [
    leased,
    layout,
    row(2, b, 'break.requested', { ...at(EXT4), mode, type: -1 }),
    row(2.1, b, 'break.blocked', { ...at(EXT4), flags: 0, type: 0 }),
  ];
  const told = (mode: number) =>
    whoAnswer(play([...begin, ...rows(mode)]), LEASED).operations.map(({ op, detail, waits }) => [
      op,
      detail,
      waits[0]?.on,
    ]);
  assert.deepEqual(told(0x1 | READ_BIT), [['open', 'to read', 'lease-break']]);
  assert.deepEqual(told(0x1), [['open', 'to write', 'lease-break']]);
  assert.deepEqual(told(LAYOUT_BIT), [['other', '', 'layout-recall']]);
});

test('an open with O_TRUNC that a break held up is one operation, and frees pages like a truncate', () => {
  const onShm = row(1, a, 'lease.added', {
    file: FILE,
    owner: FILE,
    ...at(SHM),
    flags: LEASE,
    type: 1,
    fd: 9,
  });
  const rows = [
    onShm,
    ...pinBy(a, 1.1, 70, SHM),
    row(2, b, 'break.blocked', { ...at(SHM), flags: LEASE, type: 1 }),
    row(3, b, 'break.ended', at(SHM)),
    row(3.001, b, 'truncate.began', { ...at(SHM), from: 8192, to: 0, how: 3, name: 'data' }),
    row(3.002, b, 'truncate.ended', { ...at(SHM), result: 0 }),
    row(3.003, b, 'open.ended', { result: 5 }),
  ];
  assert.deepEqual(
    operationsIn(rows, '0:26:2' as InodeKey).map(({ op, result, detail }) => [op, result, detail]),
    [['open', 5, 'from 8192 to 0 bytes, by open with O_TRUNC']],
  );
  assert.ok(idsIn(rows).some((id) => id.startsWith('freed-under-pin')));
});

test('without fentry a truncate learns its inode from the break that it waits for', () => {
  const rows = [
    leased,
    row(2, b, 'truncate.began', { from: -1, to: 0, how: 1, name: '/mnt/ext4/lease-break' }),
    row(2.1, b, 'break.blocked', { ...at(EXT4), flags: LEASE, type: 1 }),
    row(4, b, 'break.ended', at(EXT4)),
    row(4.001, b, 'truncate.ended', { result: 0 }),
  ];
  const answer = whoAnswer(play([...begin, ...rows]), LEASED);
  assert.equal(answer.target.path, '/mnt/ext4/lease-break');
  assert.deepEqual(
    answer.operations.map(({ op, result, waited_ms }) => [op, result, waited_ms]),
    [['truncate', 0, 1900]],
  );
});
