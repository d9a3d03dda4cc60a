/** What `who` says, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, InodeKey } from '../../src/event/event.ts';
import { advanceClock, whoAnswer } from '../../src/model/model.ts';
import { whoText } from '../../src/report/who-text.ts';
import { at, EXT4, header, hello, lost, named, play, row, SHM, uverbs, who } from '../model/rows.ts';
import { handedOver, LEASE, leaseBreak, rdmaHandedOver, until } from '../model/stories.ts';

interface Asked {
  readonly s: number;
  readonly width?: number;
}

function said(events: readonly Event[], key: string, { s, width }: Asked, withHeader = header): string[] {
  const model = play(until(s, events), withHeader);
  advanceClock(model, (s * 1e9) as never);
  const answer = whoAnswer(model, key as InodeKey);
  return whoText(answer, width === undefined ? {} : { width })
    .trimEnd()
    .split('\n');
}

test('rdma-handed-over, when the truncate has returned', () => {
  assert.deepEqual(said(rdmaHandedOver(), '0:26:2', { s: 5.1 }), [
    '/dev/shm/data   tmpfs 0:26 inode 2',
    '  pinned    256 pages (1.0 MiB), long-term, RDMA memory region on rxe0',
    '  pinned by rdma[405], which exited 1.0 s ago; its lease (write) ended when it exited',
    '  held by   rdma[406] through uverbs fd 3, received over SCM_RIGHTS from rdma[405]',
    "  so        truncate by rdma[404] freed the file's pages under this pin: the device can still write to them",
    '  to free   close fd 3 in rdma[406], or end it',
    '  certain   every event since before the pin; 0 lost',
  ]);
});

test('the same in 80 columns, with hanging indents', () => {
  assert.deepEqual(said(rdmaHandedOver(), '0:26:2', { s: 5.1, width: 80 }), [
    '/dev/shm/data   tmpfs 0:26 inode 2',
    '  pinned    256 pages (1.0 MiB), long-term, RDMA memory region on rxe0',
    '  pinned by rdma[405], which exited 1.0 s ago; its lease (write) ended when it',
    '            exited',
    '  held by   rdma[406] through uverbs fd 3, received over SCM_RIGHTS from',
    '            rdma[405]',
    "  so        truncate by rdma[404] freed the file's pages under this pin: the",
    '            device can still write to them',
    '  to free   close fd 3 in rdma[406], or end it',
    '  certain   every event since before the pin; 0 lost',
  ]);
});

test('when all is over: who held it last, and until when', () => {
  assert.deepEqual(said(rdmaHandedOver(), '0:26:2', { s: 9.9 }), [
    '/dev/shm/data   tmpfs 0:26 inode 2',
    '  lease     write lease, ended when its file was closed',
    '  taken by  rdma[405], which exited 5.8 s ago',
    '  was held  until +4.101 s by rdma[405] through fd 9',
    '  pinned    256 pages (1.0 MiB), long-term, RDMA memory region on rxe0',
    '  pinned by rdma[405], which exited 5.8 s ago; its lease (write) ended when it exited',
    '  was held  until +8.000 s by rdma[406] through uverbs fd 3, received over SCM_RIGHTS from rdma[405]',
    '  certain   every event since before the first of them; 0 lost',
  ]);
});

test('a truncate that waits', () => {
  assert.deepEqual(said(handedOver('once'), '259:0:131', { s: 8 }), [
    '/mnt/dax/handed-over   xfs 259:0 inode 131',
    '  pinned    16 pages (64.0 KiB), pipe',
    '  pinned by handed-over[405], which exited 3.99 s ago; its lease (write) ended when its file was closed 4.0 s ago',
    '  held by   handed-over[406] through pipe fds 3 and 9, received over SCM_RIGHTS from handed-over[405]',
    '  waits     truncate by handed-over[404], 3.0 s, for a busy DAX page, held by handed-over[406]',
    '  to free   close fds 3 and 9 in handed-over[406], or end it',
    '  certain   every event since before the pin; 0 lost',
  ]);
});

test('in flight: nobody has it but a queue', () => {
  const events = rdmaHandedOver().filter((event) => !('pid' in event) || event.pid !== 406);
  assert.deepEqual(said(events, '0:26:2', { s: 4.6 }).slice(2, 5), [
    '  pinned by rdma[405], which exited 500 ms ago; its lease (write) ended when it exited',
    "  held by   a socket's queue: sent by rdma[405] at +3.100 s, not received yet",
    '  to free   receive what rdma[405] sent at +3.100 s, or close the socket in whose queue it waits',
  ]);
});

test('a lease that is being broken', () => {
  assert.deepEqual(said(leaseBreak(), '254:1:14', { s: 2.5 }), [
    '/mnt/ext4/lease-break   ext4 254:1 inode 14',
    '  lease     write lease, being broken: others wait for it, or were refused',
    '  taken by  lease-break[405]',
    '  held by   lease-break[405] through fd 9',
    '  waits     open by lease-break[406], 400 ms, for a lease break, held by lease-break[405]',
    '  to free   unlock the write lease through fd 9 in lease-break[405], or end it',
    '  certain   every event since before the lease; 0 lost',
  ]);
});

const a = who(10, 'a');
const pinned = [
  hello(),
  row(0.5, who(1, 'init'), 'task.forked', { child: 10 }),
  row(0.5, who(10, 'a'), 'task.executed'),
  ...named(1, a, SHM),
  row(1, a, 'fd.installed', { ...uverbs(60), fd: 4 }),
  row(2, a, 'pin.taken', { object: 500, reach: 60, ...at(SHM), pages: 1, via: 'rdma-mr', longterm: 1 }),
];

test('several holders, and a pin without a lease', () => {
  const forked = [
    ...pinned,
    row(3, a, 'task.forked', { child: 11 }),
    row(3.1, who(11, 'b'), 'task.executed'),
  ];
  assert.deepEqual(said(forked, '0:26:2', { s: 4 }), [
    '/dev/shm/data   tmpfs 0:26 inode 2',
    '  pinned    1 page (4.0 KiB), long-term, RDMA memory region',
    '  pinned by a[10]; it had no lease on the file',
    '  held by   a[10] through uverbs fd 4',
    '  and by    b[11] through uverbs fd 4, inherited by fork from a[10]',
    '  to free   close fd 4 in a[10], or end it',
    '  and       close fd 4 in b[11], or end it',
    '  certain   every event since before the pin; 0 lost',
  ]);
});

test('what is less than certain says why, and what was not seen', () => {
  const partly = { ...header, left_out: [{ path: 'pin', reason: 'no\u001bkprobes' }] };
  assert.deepEqual(said([...pinned, lost(2, 3)], '0:26:2', { s: 4 }, partly).slice(-2), [
    '  likely    3 rows of unknown kind lost between +0.000 s and +2.000 s; 3 rows lost',
    '  not seen  pin: no\\x1bkprobes',
  ]);
});

test('a file of which nothing is known', () => {
  assert.deepEqual(said(pinned, '8:1:77', { s: 4 }), [
    '(no name seen)   8:1 inode 77',
    '  unknown   nothing about this file was seen; a lease or pin taken before +0.000 s would not show; 0 rows lost',
  ]);
});

test('a delegation is given back, not closed', () => {
  const nfsd = who(12, 'nfsd');
  const delegation = row(1, nfsd, 'lease.added', {
    file: 1,
    owner: 7,
    ...at(EXT4),
    flags: LEASE | 4,
    type: 0,
    fd: -1,
  });
  assert.deepEqual(said([hello(), ...named(1, nfsd, EXT4), delegation], '254:1:14', { s: 2 }).slice(1, 5), [
    '  lease     read delegation, active',
    '  taken by  nfsd[12]',
    '  held by   nfsd[12]',
    '  to free   let nfsd[12] give back the read delegation (its NFS client may be gone)',
  ]);
});

test('hostile names are shown as what they are', () => {
  const evil = { ...SHM, name: 'x\u001b]0;owned\u0007\n\u202etxt' };
  const mallory = who(10, '\u001b[2Jm');
  const lines = said(
    [
      hello(),
      ...named(1, mallory, evil),
      row(2, mallory, 'lease.added', { file: 1, owner: 1, ...at(evil), fd: 3 }),
    ],
    '0:26:2',
    { s: 3 },
  );
  assert.equal(lines[0], '/dev/shm/x\\x1b]0;owned\\x07\\n\\u202etxt   tmpfs 0:26 inode 2');
  assert.equal(lines[2], '  taken by  \\x1b[2Jm[10]');
});

test('pins that look alike are told as one, with all their pages; a short-term one beside them is not', () => {
  const a = who(405, 'rdma');
  const [device, object] = [70, 700];
  const region = (s: number, nth: number, more: object = {}) =>
    row(s, a, 'pin.taken', {
      object: object + nth,
      reach: device,
      ...at(SHM),
      page: 7000 + nth,
      index: nth,
      pages: 1,
      bytes: 4096,
      longterm: 1,
      via: 'rdma-mr',
      device: 'rxe0',
      ...more,
    });
  const pins = [region(2, 0), region(2.1, 1), region(2.2, 2, { longterm: 0 }), region(2.3, 3)];
  const events = [
    hello(),
    ...named(1, a, SHM),
    row(1, a, 'fd.installed', { fd: 4, ...uverbs(device), how: 0 }),
    ...pins,
  ];
  const told = said(events, '0:26:2', { s: 5 }).slice(1, 7);
  assert.deepEqual(told, [
    '  pinned    3 pages (12.0 KiB) in 3 pins, long-term, RDMA memory region on rxe0',
    '  pinned by rdma[405]; it had no lease on the file',
    '  held by   rdma[405] through uverbs fd 4',
    '  pinned    1 page (4.0 KiB), RDMA memory region on rxe0',
    '  pinned by rdma[405]; it had no lease on the file',
    '  held by   rdma[405] through uverbs fd 4',
  ]);
  const ends = [0, 1, 2, 3].map((nth) => row(6, a, 'pin.dropped', { object: object + nth, pages: 1 }));
  const early = row(4, a, 'pin.dropped', { object, pages: 1 });
  const ended = said([...events, ...ends], '0:26:2', { s: 9 });
  assert.equal(ended[1], '  pinned    3 pages (12.0 KiB) in 3 pins, long-term, RDMA memory region on rxe0');
  const apart = said([...events, early, ...ends.slice(1)], '0:26:2', { s: 9 });
  assert.deepEqual(
    apart.filter((line) => / (?:until|3 pages|2 pages)/.test(line)).map((line) => line.slice(0, 34)),
    [
      '  was held  until +4.000 s by rdma',
      '  pinned    2 pages (8.0 KiB) in 2',
      '  was held  until +6.000 s by rdma',
      '  was held  until +6.000 s by rdma',
    ],
  );
});
