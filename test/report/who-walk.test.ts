/** What `who` says of a walk alone, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, InodeKey } from '../../src/event/event.ts';
import { advanceClock, whoAnswer } from '../../src/model/model.ts';
import { pinBalanceText, whoText } from '../../src/report/who-text.ts';
import { DAX, hello, play } from '../model/rows.ts';
import {
  B,
  C,
  D,
  type Find,
  gap,
  held,
  KEY,
  kept,
  leased,
  mapped,
  named,
  owner,
  pinned,
  pipeOf,
  RAW,
  READ_END,
  region,
  ring,
  sleeping,
  socket,
  walk,
} from '../model/walked.ts';

function said(events: readonly Event[], key: InodeKey = KEY): string[] {
  const model = play(events, RAW);
  advanceClock(model, 10.5e9 as never);
  return whoText(whoAnswer(model, key)).trimEnd().split('\n');
}

const name = named('/mnt/dax/data');
const pipe = [...pipeOf(B), pinned(), owner(), name];
const walked = (finds: readonly Find[], end = {}) => said(walk(10, finds, end));
/** The lines that begin with one of these keys. */
const only = (lines: readonly string[], ...keys: readonly string[]) =>
  lines.filter((line) => keys.some((key) => line.startsWith(`  ${key.padEnd(10)}`)));

test('a truncate that hangs over a pipe', () => {
  assert.deepEqual(walked([...pipe, sleeping(C), mapped(D, 4096)]), [
    '/mnt/dax/data   xfs 259:0 inode 131',
    '  pinned    16 pages (64.0 KiB), pipe',
    '  pinned by a process that the pipe does not tell',
    '  held by   prog[209] through pipe fds 4 and 5',
    '  waits     truncate by prog[222], at least 3.7 s, for a busy DAX page, held by prog[209]',
    '  mapped by other[172] (4.0 KiB)',
    '  to free   close fds 4 and 5 in prog[209], or end it',
    "  certain   found in the kernel's own objects when the walk looked (pipe 0x12c, page 0x2bc, thread 222, asleep in xfs_break_dax_layouts)",
  ]);
});

test('a memory region whose owner has exited', () => {
  assert.deepEqual(walked(region({ gone: 1 }, { pid: 405, comm: 'rdma' })).slice(1, 4), [
    '  pinned    256 pages (1.0 MiB), long-term, RDMA memory region on rxe0',
    '  pinned by rdma[405], which has exited',
    '  held by   prog[209] through uverbs fd 3',
  ]);
});

test('a queue, a ring, a mapping', () => {
  const inQueue = walked([kept('queue', READ_END, 80), held(D, 4, socket(81, 80)), pinned()]);
  assert.deepEqual(only(inQueue, 'held by'), [
    '  held by   the queue of socket fd 4 of other[172]: sent, not yet received',
  ]);
  const inRing = walked([kept('ring', READ_END, 70), held(D, 3, ring(71, 70)), pinned()]);
  assert.deepEqual(only(inRing, 'held by', 'to free'), [
    '  held by   other[172] as a registered file of io_uring fd 3',
    '  to free   unregister the files of io_uring fd 3 of other[172], or close that ring',
  ]);
  const byMapping = walked([kept('mapping', READ_END, 0, D), pinned()]);
  assert.deepEqual(only(byMapping, 'held by', 'to free'), [
    '  held by   a mapping of other[172], no descriptor left',
    '  to free   unmap it in other[172], or end it',
  ]);
  assert.deepEqual(only(walked([kept('queue', READ_END, 80), pinned()]), 'held by'), [
    "  held by   a socket's queue: no process was found that has it",
  ]);
});

test('a lease that the kernel will take away', () => {
  const regular = { file: 101, dev: DAX.dev, ino: DAX.ino, mode: 0o100644, object: 0 };
  const finds = [name, held(B, 3, regular), leased({ pid: 405, comm: '' }, { flags: 0x220, left: 31_000 })];
  assert.deepEqual(walked(finds).slice(1), [
    '  lease     write lease, being broken: others wait for it, or were refused; the kernel takes it away in 30.5 s',
    '  taken by  ?[405], which has exited',
    '  held by   prog[209] through fd 3',
    '  open in   prog[209] (fd 3)',
    '  to free   unlock the write lease through fd 3 in prog[209], or end it',
    "  certain   found in the kernel's own objects when the walk looked (lease 0x320, file 0x65)",
  ]);
});

test('a page that nobody holds', () => {
  assert.deepEqual(walked([name, sleeping(C, { idle: 1 })]).slice(1), [
    '  held by   nobody that the walk found',
    '  waits     truncate by prog[222], at least 3.7 s, for a DAX page that nobody holds: the kernel missed its wake-up',
    '  to free   kill -STOP 222, then kill -CONT 222: that wakes prog[222] and does nothing else; whopins does not send it',
    "  certain   found in the kernel's own objects when the walk looked (thread 222, page 0x2bc, asleep in xfs_break_dax_layouts)",
  ]);
});

test('nobody, and what the walk could not look into', () => {
  assert.deepEqual(walked([name, gap('netns', 'a socket of another\u001b namespace')]).slice(1), [
    '  held by   nobody that the walk found',
    '  likely    the walk found no holder; it does not see direct I/O under way, nor users inside the kernel',
    '  not seen  netns: a socket of another\\x1b namespace',
  ]);
});

test('pages that lost their file, asked for as such and as a file of their device', () => {
  const rows = walk(10, [...pipeOf(B), pinned({ ino: 0, orphan: 1 }), owner(), name]);
  assert.deepEqual(said(rows, '259:0:0' as InodeKey).slice(0, 5), [
    '(pages that no file has any more)   xfs 259:0',
    '  pinned    16 pages (64.0 KiB), pipe',
    '  pinned by a process that the pipe does not tell',
    '  held by   prog[209] through pipe fds 4 and 5',
    '  but       these pages belong to no file any more: it was cut or deleted under the pin; the pipe still refers to them',
  ]);
  assert.deepEqual(only(said(rows), 'but', 'to free', 'unknown'), [
    '  but       these pages belong to no file any more: it was cut or deleted under the pin; it may have been this file',
    '  to free   close fds 4 and 5 in prog[209], or end it',
    "  unknown   these pages belong to no file any more: they may have been this file's",
  ]);
});

test('what a trace adds to a walk', () => {
  const lines = said([hello(9), ...walk(10, pipe)]);
  assert.deepEqual(
    lines.at(-1),
    "  certain   found in the kernel's own objects when the walk looked (pipe 0x12c, page 0x2bc), and every event since; 0 lost",
  );
});

test('the balance of all pins', () => {
  assert.equal(pinBalanceText(null), null);
  assert.equal(pinBalanceText({ counted: 256, explained: 256 }), null);
  assert.equal(
    pinBalanceText({ counted: 1300, explained: 256 }),
    'the kernel counts 1,300 pinned pages, of which the walk found 256; the other 1,044 are direct I/O under way, or users inside the kernel',
  );
  assert.equal(
    pinBalanceText({ counted: 1, explained: 2 }),
    'the kernel counts 1 pinned page, of which the walk found 2: some were released while it looked',
  );
});
