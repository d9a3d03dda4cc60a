/** The walk without BPF on a made-up /proc: an inherited lease, a truncate that waits for a DAX page, a ring. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createSleepClock } from '../../../src/capture/procfs/asleep-since.ts';
import { walkProc } from '../../../src/capture/procfs/poor-walk.ts';
import type { RawRow } from '../../../src/event/encode.ts';
import type { RowKind } from '../../../src/event/schema.ts';
import { makeTree, sleepingProcess, statLine, type Tree } from './made-up-proc.ts';

const MOUNTS =
  '27 1 259:0 / /mnt/dax rw - xfs /dev/pmem0 rw\n28 1 0:26 / /dev/shm rw - tmpfs tmpfs rw\n17 1 0:16 / /none rw - anon_inodefs none rw\n';
const DAX = 0x10300000;
const SHM = 26;

const fdinfo = (mount: number, ino: number, more = '') =>
  `pos:\t0\nflags:\t0100002\nmnt_id:\t${mount}\nino:\t${ino}\n${more}`;

/** 330 took a lease and exited; its child 331 still has the open file. 332 waits for the break. */
const LEASE: Tree = {
  ...sleepingProcess(331, 'child'),
  '331/mountinfo': MOUNTS,
  '331/fd/3': '-> /mnt/dax/leased',
  '331/fdinfo/3': fdinfo(27, 136, 'lock:\t1: LEASE  BREAKING  UNLCK 330 103:00:136 0 EOF\n'),
  ...sleepingProcess(332, 'op)en er', '__break_lease'),
  '332/task/332/stack': '[<0>] __break_lease+0x58e/0x6e0\n[<0>] do_dentry_open+0x17e/0x430\n',
  '332/task/332/syscall': '257 0xffffff9c 0x7f1e774ae1e0 0x1 0x0 0x0 0x0 0x7ffe95fd3680 0x7f1e7770c011\n',
  locks: '1: LEASE BREAKING UNLCK 330 103:00:136 0 EOF\n1: -> LEASE BREAKER WRITE 332 <none>:0 0 EOF\n',
};

/** 340 waits in ftruncate of inode 131; 341 queues behind it. */
const TRUNCATE: Tree = {
  ...sleepingProcess(340, 'cutter', 'xfs_wait_dax_page'),
  '340/mountinfo': MOUNTS,
  '340/fd/4': '-> /mnt/dax/data (deleted)',
  '340/fdinfo/4': fdinfo(27, 131),
  '340/task/340/stack':
    '[<0>] xfs_wait_dax_page+0x1e/0x50 [xfs]\n[<0>] dax_break_layout+0x9d/0x100\n[<0>] do_truncate+0x8e/0xe0\n',
  '340/task/340/syscall': '77 0x4 0x1000 0x0 0x0 0x0 0x0 0x7ffe95fd3680 0x7f1e7770c011\n',
  ...sleepingProcess(341, 'second', 'do_truncate', 'D'),
  '341/mountinfo': MOUNTS,
  '341/maps': '',
  '341/fd/5': '-> /mnt/dax/data (deleted)',
  '341/fdinfo/5': fdinfo(27, 131),
  '341/task/341/stack': '[<0>] do_truncate+0x8e/0xe0\n',
  '341/task/341/syscall': '77 0x5 0x0 0x0 0x0 0x0 0x0 0x7ffe95fd3680 0x7f1e7770c011\n',
};

/** 350 has a ring with one buffer over a mapped file and one over its own memory; 351 keeps the ring by a mapping. */
const RING: Tree = {
  ...sleepingProcess(350, 'uring'),
  '350/mountinfo': MOUNTS,
  '350/fd/3': '-> anon_inode:[io_uring]',
  '350/fdinfo/3': fdinfo(
    17,
    936083,
    'UserFiles:\t0\nUserBufs:\t2\n    0: 0x7f0000002000/8192\n    1: 0x7f0000200000/4096\n',
  ),
  '350/maps': '7f0000001000-7f0000101000 rw-s 00004000 00:1a 2 /dev/shm/data\n',
  ...sleepingProcess(351, 'keeper'),
  '351/maps': '7f0000800000-7f0000801000 rw-s 00000000 00:10 936083 anon_inode:[io_uring]\n',
};

async function walk(t: TestContext, tree: Tree, target?: { dev: number; ino: number }) {
  const procRoot = await makeTree(t, {
    ...tree,
    vmstat: 'nr_foll_pin_acquired 10\nnr_foll_pin_released 7\n',
  });
  const options = { began: 5e9, procRoot, sysRoot: `${procRoot}/no-sys` };
  const rows = await walkProc(target === undefined ? options : { ...options, target });
  return {
    rows,
    of: <K extends RowKind>(kind: K) => rows.filter((row): row is RawRow<K> => row.kind === kind),
  };
}

describe('the walk without BPF', () => {
  it('begins and ends, and says what it cannot see', async (t) => {
    const { rows, of } = await walk(t, {});
    assert.equal(rows[0]?.kind, 'walk.began');
    const [ended] = of('walk.ended');
    assert.equal(rows.at(-1), ended);
    assert.deepEqual([ended?.gaps, ended?.acquired, ended?.released], [of('walk.gap').length, 10, 7]);
    assert.deepEqual(
      of('walk.gap').map(({ path }) => path),
      ['vmsplice', 'xdp-umem'],
    );
    assert.ok(rows.every(({ ts }) => ts === 5e9));
  });

  it('finds a lease whose process is gone with the one who has its open file, and its breaker', async (t) => {
    const { of } = await walk(t, LEASE);
    const [lease] = of('walk.leased');
    assert.deepEqual([lease?.recorded, lease?.comm, lease?.dev, lease?.ino], [330, '', DAX, 136]);
    // FL_LEASE and FL_UNLOCK_PENDING; a write lease, since its descriptor is open for writing.
    assert.deepEqual([lease?.flags, lease?.type], [0x220, 1]);
    const [held] = of('walk.held');
    assert.deepEqual([held?.pid, held?.fd, held?.comm], [331, 3, 'child']);
    assert.equal(held?.file, lease?.file);
    const [waiting] = of('walk.waiting');
    assert.deepEqual(
      [waiting?.pid, waiting?.comm, waiting?.op, waiting?.on, waiting?.detail, waiting?.ino, waiting?.source],
      [332, 'op)en er', 'open', 'lease-break', 'for writing', 136, '/proc/locks'],
    );
  });

  it('names a breaker also where threads cannot be looked at', async (t) => {
    const { of } = await walk(t, { locks: LEASE.locks ?? '' });
    assert.deepEqual(
      of('walk.waiting').map(({ pid, op, on }) => [pid, op, on]),
      [[332, 'other', 'lease-break']],
    );
  });

  it('finds the truncate that waits for a page and the one behind it', async (t) => {
    const { of } = await walk(t, TRUNCATE);
    assert.deepEqual(
      of('walk.waiting').map(({ pid, op, on, where, detail, dev, ino, since }) => ({
        pid,
        told: [op, on, where, detail],
        file: [dev, ino],
        since,
      })),
      [
        {
          pid: 340,
          told: ['truncate', 'dax-page', 'xfs_wait_dax_page', 'to 4096 bytes'],
          file: [DAX, 131],
          since: 0,
        },
        {
          pid: 341,
          told: ['truncate', 'inode-lock', 'do_truncate', 'to 0 bytes'],
          file: [DAX, 131],
          since: 0,
        },
      ],
    );
    assert.deepEqual(
      of('walk.held').map(({ pid, fd }) => [pid, fd]),
      [
        [340, 4],
        [341, 5],
      ],
    );
    assert.deepEqual(
      [...new Set(of('walk.named').map(({ path, fs }) => `${path} ${fs}`))],
      ['/mnt/dax/data xfs'],
    );
  });

  it('ties a fixed buffer to the file that is mapped at its address, and to all who keep the ring', async (t) => {
    const { of } = await walk(t, RING);
    const pinned = of('walk.pinned');
    assert.deepEqual(
      pinned.map(({ dev, ino, index, pages, via }) => [dev, ino, index, pages, via]),
      [[SHM, 2, 5, 2, 'io_uring-buffer']],
    );
    assert.deepEqual(
      of('walk.owner').map(({ pages, seen }) => [pages, seen]),
      [
        [2, 2],
        [1, 0],
      ],
    );
    const [held] = of('walk.held');
    const [kept] = of('walk.kept');
    assert.deepEqual(
      [held?.pid, held?.object, kept?.pid, kept?.object],
      [350, pinned[0]?.reach, 351, pinned[0]?.reach],
    );
    assert.deepEqual(
      of('walk.mapped').map(({ pid, bytes, offset }) => [pid, bytes, offset]),
      [[350, 1 << 20, 0x4000]],
    );
  });

  it('tells of the target only', async (t) => {
    const { of } = await walk(t, { ...LEASE, ...TRUNCATE, ...RING }, { dev: DAX, ino: 131 });
    assert.deepEqual(of('walk.leased'), []);
    assert.deepEqual(of('walk.pinned'), []);
    // The other file's breaker is known to be none of this one's: no gap.
    assert.deepEqual(
      of('walk.gap').filter(({ path }) => path === 'waits'),
      [],
    );
    assert.deepEqual(
      of('walk.waiting').map(({ ino }) => ino),
      [131, 131],
    );
  });

  it('marks every row that is no fact of the kernel’s own objects', async (t) => {
    const { rows } = await walk(t, { ...LEASE, ...TRUNCATE, ...RING });
    const unmarked = rows.filter((row) => 'source' in row && row.source === '').map(({ kind }) => kind);
    assert.deepEqual(unmarked, []);
  });

  it('names a process that keeps a ring by a mapping alone', async (t) => {
    const { '351/maps': maps = '' } = RING;
    const { of } = await walk(t, { ...sleepingProcess(351, 'keeper'), '351/maps': maps });
    assert.match(String(of('walk.gap')[0]?.reason), /process 351 keeps an io_uring by a mapping only/);
  });

  it('tells of descriptors in flight', async (t) => {
    const { of } = await walk(t, {
      ...sleepingProcess(360, 'mail'),
      '360/fd/3': '-> socket:[77]',
      '360/fdinfo/3': fdinfo(9, 77, 'scm_fds: 2\n'),
    });
    const told = of('walk.gap').find(({ path }) => path === 'fd-passing');
    assert.match(String(told?.reason), /^2 descriptors wait in the queue of socket fd 3 of process 360/);
  });
});

describe('since when a thread sleeps', () => {
  it('is told by the clock of the CPU that it ran on, never before its process began', async (t) => {
    const sched = (ms: number) => `se.exec_start   :   ${ms}.000000\n`;
    const procRoot = await makeTree(t, {
      '7/task/7/stat': statLine(7, 'a'),
      '7/task/7/sched': sched(20_000_000),
      '8/task/8/stat': statLine(8, 'b'),
      '8/task/8/sched': sched(1),
      '9/task/9/stat': statLine(9, 'c'),
    });
    const asked: number[] = [];
    const clock = createSleepClock(procRoot, async (cpu) => {
      asked.push(cpu);
      return 500;
    });
    assert.equal(await clock.asleepSince(7, 7), 20_000_000_000_500);
    assert.equal(await clock.asleepSince(8, 8), 13_478_410_000_000);
    assert.equal(await clock.asleepSince(9, 9), 0);
    assert.deepEqual(asked, [1]);
  });
});
