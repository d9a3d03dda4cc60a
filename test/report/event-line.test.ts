/** One line for each event. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/event.ts';
import { ROW_KINDS } from '../../src/event/schema.ts';
import { eventLine } from '../../src/report/event-line.ts';
import { at, EXT4, fired, hello, lost, pipeEnd, regular, row, who } from '../model/rows.ts';

const a = who(405, 'holder');
const context = {
  startNs: 1e9,
  nameOf: (_dev: string, ino: number | string) => (ino === 14 ? '/mnt/ext4/data' : null),
};

test('events in words', () => {
  const lease = { file: 1, owner: 1, ...at(EXT4), flags: 0x20, type: 1 };
  const cases: readonly (readonly [event: Event, line: string])[] = [
    [hello(1), '    0.000000  bpftrace[1]  tracing begins'],
    [
      row(13.345678, a, 'lease.added', { ...lease, fd: 9 }),
      '   12.345678  holder[405]  lease added: write lease on /mnt/ext4/data, fd 9',
    ],
    [
      row(2, a, 'lease.refused', { ...lease, error: -11 }),
      '    1.000000  holder[405]  lease refused with EAGAIN: write lease on /mnt/ext4/data',
    ],
    [
      row(2, a, 'lease.released', { ...lease, cause: 3 }),
      '    1.000000  holder[405]  lease released by the break timeout: write lease on /mnt/ext4/data',
    ],
    [
      row(2, { ...a, tid: 410 }, 'fd.closed', { ...pipeEnd(5, 6), fd: -1 }),
      '    1.000000  holder[405] thread 410  a descriptor closed on 0:14 inode 900',
    ],
    [
      row(2, a, 'fd.installed', { ...regular(EXT4, 7), fd: 3, how: 1 }),
      '    1.000000  holder[405]  fd 3 received over SCM_RIGHTS on /mnt/ext4/data',
    ],
    [
      row(2, a, 'pin.taken', {
        ...at(EXT4),
        pages: 256,
        bytes: 1_048_576,
        longterm: 1,
        via: 'rdma-mr',
        device: 'rxe0',
      }),
      '    1.000000  holder[405]  long-term pin taken: 256 pages (1.0 MiB) by rdma-mr on rxe0 on /mnt/ext4/data',
    ],
    [
      row(2, a, 'truncate.ended', { ...at(EXT4), result: -26 }),
      '    1.000000  holder[405]  truncate ended with -26 (ETXTBSY) on /mnt/ext4/data',
    ],
    [
      row(2, a, 'walk.pinned', { ...at(EXT4), pages: 16, bytes: 65536, via: 'vmsplice', orphan: 1 }),
      '    1.000000  holder[405]  found: pin of 16 pages (64.0 KiB) by vmsplice, of no file any more on /mnt/ext4/data',
    ],
    [
      row(2, a, 'walk.leased', { ...lease, left: 31_000, source: '/proc/locks' }),
      '    1.000000  holder[405]  found: write lease, to be taken away in 31.0 s on /mnt/ext4/data (/proc/locks)',
    ],
    [
      row(2, a, 'walk.waiting', { ...at(EXT4), op: 'truncate', on: 'dax-page', idle: 1 }),
      '    1.000000  holder[405]  found: truncate asleep for dax-page, which nobody holds on /mnt/ext4/data',
    ],
    [row(2, a, 'task.exited', { code: 9 }), '    1.000000  holder[405]  task exited: signal 9'],
    [row(2, a, 'task.exited', { code: 0x300 }), '    1.000000  holder[405]  task exited: status 3'],
    [lost(3, 7), "    2.000000  (trace)  7 rows lost: the kernel's buffer was full"],
    [fired(3, { beat: 2, hello: 1 }, true), '    2.000000  (trace)  3 rows fired so far, final count'],
    [
      { kind: 'stream.cut', ts: 3e9 as never, why: 'gone\u001b' },
      '    2.000000  (trace)  the trace broke off: gone\\x1b',
    ],
  ];
  for (const [event, line] of cases) assert.equal(eventLine(event, context), line);
});

test('every kind of row has its own words', () => {
  const texts = ROW_KINDS.map((kind) => eventLine(row(2, a, kind), { startNs: 0 }));
  assert.equal(new Set(texts).size, ROW_KINDS.length);
});
