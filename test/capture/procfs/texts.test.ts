/** Everything that parses a text of /proc, on what kernels really printed, and on what no kernel would print. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseExecStart } from '../../../src/capture/procfs/asleep-since.ts';
import { classifyLink } from '../../../src/capture/procfs/descriptors.ts';
import { parseFdInfo } from '../../../src/capture/procfs/fdinfo.ts';
import {
  kernelDevice,
  parseHexDevice,
  parseInodeNumber,
  statDevice,
} from '../../../src/capture/procfs/inode-id.ts';
import { parseLocks } from '../../../src/capture/procfs/locks.ts';
import { parseMaps } from '../../../src/capture/procfs/mappings.ts';
import { parseStack } from '../../../src/capture/procfs/sleepers.ts';
import { parseSystemCall } from '../../../src/capture/procfs/system-call.ts';
import { parseTaskStat } from '../../../src/capture/procfs/tasks.ts';
import { parsePinCounts } from '../../../src/capture/procfs/vmstat.ts';
import { assertProperty } from '../../property.ts';
import { statLine } from './made-up-proc.ts';

describe('/proc/locks', () => {
  it('gives a breaking lease with those who wait for it', () => {
    const text = [
      '19: OFDLCK ADVISORY  READ -1 fe:00:16040119 100 101',
      '20: LEASE  BREAKING  READ 18757 fe:00:2213595 0 EOF',
      '20: -> LEASE  BREAKER   READ 18799 <none>:0 0 EOF',
      '20:  -> LEASE  BREAKER   WRITE 18800 <none>:0 0 EOF',
      '21: POSIX  ADVISORY  WRITE 7 fe:00:12 0 EOF',
      '21: -> POSIX  ADVISORY  WRITE 8 fe:00:12 0 EOF',
    ].join('\n');
    assert.deepEqual(parseLocks(text), [
      {
        kind: 'lease',
        isBreaking: true,
        type: 'read',
        pid: 18757,
        dev: kernelDevice(254, 0),
        ino: 2213595,
        breakers: [
          { pid: 18799, type: 'read' },
          { pid: 18800, type: 'write' },
        ],
      },
    ]);
  });

  it('tells delegations, what is to be given up, and devices with two-digit minors', () => {
    const text =
      '1: LEASE BREAKING UNLCK 330 103:00:136 0 EOF\n2: DELEG  ACTIVE    READ 0 08:1f:18446744073709551615 0 EOF\n';
    const [first, second] = parseLocks(text);
    assert.equal(first?.type, 'none');
    assert.equal(first?.dev, 0x10300000);
    assert.deepEqual(
      [second?.kind, second?.isBreaking, second?.type, second?.dev, second?.ino],
      ['delegation', false, 'read', kernelDevice(8, 31), '18446744073709551615'],
    );
  });

  it('gives no waiter to a lease that it does not stand under', () => {
    const text = '1: LEASE  ACTIVE    READ 5 fe:00:2 0 EOF\n2: -> LEASE  BREAKER   READ 6 <none>:0 0 EOF\n';
    assert.deepEqual(parseLocks(text)[0]?.breakers, []);
  });
});

describe('/proc/PID/fdinfo', () => {
  const ring = (buffers: string) =>
    `pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t936083\nSqMask:\t0x3\nSQEs:\t1\n    0: opcode:NOP, fd:0\nUserFiles:\t3\n    0: /memfd:we\\012ird\\040(deleted)\n    1: <none>\n    2: pipe:[9]\nUserBufs:\t4\n${buffers}PollList:\nCqOverflowList:\n`;

  it('gives the buffers and registered files of a ring, not its queue', () => {
    const info = parseFdInfo(ring('    0: 0x7fc7024a8000/65536\n    1: 0x7fc7024e8000/4096\n'));
    assert.deepEqual(info?.ringBuffers, [
      { slot: 0, address: 0x7fc7024a8000, bytes: 65536 },
      { slot: 1, address: 0x7fc7024e8000, bytes: 4096 },
    ]);
    assert.deepEqual(info?.ringFiles, [
      { slot: 0, name: '/memfd:we\nird (deleted)' },
      { slot: 2, name: 'pipe:[9]' },
    ]);
    assert.deepEqual([info?.mountId, info?.ino, info?.flags], [17, 936083, 0o2000002]);
  });

  it('leaves out empty slots, as each kernel prints them', () => {
    const info = parseFdInfo(ring('    0: 0xffffffffffffffff/4294967295\n    1: <none>\n    2: 0x0/0\n'));
    assert.deepEqual(info?.ringBuffers, []);
  });

  it('gives the leases on the open file and the descriptors in flight', () => {
    const text =
      'pos:\t0\nflags:\t02120002\nmnt_id:\t27\nino:\t2213595\nlock:\t1: LEASE  ACTIVE    WRITE 18757 fe:00:2213595 0 EOF\nscm_fds: 4\n';
    const info = parseFdInfo(text);
    assert.equal(info?.leases[0]?.type, 'write');
    assert.equal(info?.inFlight, 4);
  });

  it('is nothing without an inode number', () => {
    assert.equal(parseFdInfo('pos:\t0\nflags:\t02\nmnt_id:\t17\n'), null);
  });
});

describe('links in /proc/PID/fd', () => {
  const cases: readonly (readonly [string, ReturnType<typeof classifyLink>])[] = [
    ['pipe:[935662]', { kind: 'pipe', ino: '935662' }],
    ['socket:[12]', { kind: 'socket', ino: '12' }],
    ['anon_inode:[io_uring]', { kind: 'io_uring' }],
    ['anon_inode:[eventpoll]', { kind: 'other', name: 'anon_inode:[eventpoll]' }],
    ['/dev/infiniband/uverbs0', { kind: 'uverbs', device: 'uverbs0' }],
    ['/dev/vfio/12', { kind: 'vfio', device: '12' }],
    ['/mnt/a b (deleted)', { kind: 'file', path: '/mnt/a b', isDeleted: true }],
    // A file's name is no proof: this one stands for itself only.
    ['/tmp/pipe:[1]', { kind: 'file', path: '/tmp/pipe:[1]', isDeleted: false }],
  ];
  for (const [link, expected] of cases)
    it(`reads ${link}`, () => assert.deepEqual(classifyLink(link), expected));
});

describe('/proc/PID/maps', () => {
  it('gives the mappings of files, with line breaks in names', () => {
    const text = [
      '7fc7024a8000-7fc7025a8000 rw-s 00003000 00:01 1094                       /memfd:we\\012i\\134rd (deleted)',
      '7fc702796000-7fc702797000 rw-s 00000000 00:10 936084                     anon_inode:[io_uring]',
      '7ffd0a000000-7ffd0a021000 rw-p 00000000 00:00 0                          [stack]',
      '55c450031000-55c450032000 r--p 00000000 103:00 131',
    ].join('\n');
    const found = parseMaps(text, 5);
    assert.deepEqual(
      found.map(({ dev, ino, path, isShared }) => [dev, ino, path, isShared]),
      [
        [1, 1094, '/memfd:we\ni\\134rd', true],
        [16, 936084, 'anon_inode:[io_uring]', true],
        [0x10300000, 131, '', false],
      ],
    );
    assert.deepEqual(
      [found[0]?.address, found[0]?.bytes, found[0]?.offset],
      [0x7fc7024a8000, 1 << 20, 0x3000],
    );
  });
});

describe('/proc/PID/stat', () => {
  it('tells start, parent, CPU and kernel threads', () => {
    const task = parseTaskStat(statLine(18757, 'python3'), 18757);
    assert.deepEqual(
      [task?.startNs, task?.parent, task?.cpu, task?.isKernelThread, task?.state],
      [13_478_410_000_000, 18753, 1, false, 'S'],
    );
    assert.equal(parseTaskStat(statLine(2, 'kthreadd', { flags: 2129984 }), 2)?.isKernelThread, true);
  });

  it('reads every name as it is', () => {
    assertProperty(
      fc.property(fc.string(), (comm) => {
        const task = parseTaskStat(statLine(7, comm), 7);
        assert.deepEqual([task?.comm, task?.tid, task?.parent], [comm, 7, 18753]);
      }),
    );
  });
});

describe('/proc/PID/syscall', () => {
  const tail = '0x7ffe95fd3680 0x7f1e7770c011\n';
  const call = (nr: number, ...args: readonly string[]) =>
    parseSystemCall(
      `${nr} ${[...args, '0x0', '0x0', '0x0', '0x0', '0x0'].slice(0, 6).join(' ')} ${tail}`,
      'x64',
    );
  const cases: readonly (readonly [ReturnType<typeof call>, string, string])[] = [
    [call(257, '0xffffff9c', '0x7f1e774ae1e0', '0x80000'), 'open', 'for reading'],
    [call(257, '0xffffff9c', '0x1000', '0x241'), 'open', 'for writing, with O_TRUNC'],
    [call(76, '0x1000', '0x1000'), 'truncate', 'to 4096 bytes'],
    [call(77, '0x3'), 'truncate', 'to 0 bytes'],
    [call(285, '0x5', '0x3', '0x2000', '0x1000'), 'hole-punch', 'punch hole: 4096 bytes at 8192'],
    [call(285, '0x5', '0x8', '0x0', '0x1000'), 'hole-punch', 'collapse range: 4096 bytes at 0'],
    [call(285, '0x5', '0x0', '0x0', '0x10'), 'other', 'allocate: 16 bytes at 0'],
    [call(3, '0x7'), 'close', 'of fd 7'],
    [call(231, '0x0'), 'close', 'in exit_group'],
    [call(263, '0xffffff9c', '0x1000'), 'unlink', ''],
    [call(82, '0x1000', '0x2000'), 'other', 'in rename'],
  ];
  for (const [told, op, detail] of cases)
    it(`tells ${op} ${detail}`, () => assert.deepEqual([told?.op, told?.detail], [op, detail]));

  it('tells how the file is named', () => {
    assert.deepEqual(call(77, '0x3')?.file, { by: 'fd', fd: 3 });
    assert.deepEqual(call(257, '0xffffff9c', '0x10')?.file, { by: 'path', address: 16n, base: null });
    assert.deepEqual(call(257, '0x4', '0x10')?.file, { by: 'path', address: 16n, base: 4 });
  });

  it('tells nothing of running threads, unknown calls and other machines', () => {
    assert.equal(parseSystemCall('running\n', 'x64'), null);
    assert.equal(parseSystemCall('-1 0x7ffe95fd3680 0x7f1e7770c011\n', 'x64'), null);
    assert.equal(call(0, '0x3'), null);
    assert.equal(parseSystemCall(`77 0x3 0x0 0x0 0x0 0x0 0x0 ${tail}`, 'arm64'), null);
  });
});

describe('other texts', () => {
  it('reads a stack, a run time and the pin counts', () => {
    assert.deepEqual(
      parseStack(
        '[<0>] __break_lease+0x58e/0x6e0\n[<0>] xfs_break_leased_layouts+0x1/0x2 [xfs]\n[<0>] 0xffffffff81000000\n',
      ),
      ['__break_lease', 'xfs_break_leased_layouts', '0xffffffff81000000'],
    );
    assert.equal(
      parseExecStart('se.exec_start                                :      13469714.363249\n'),
      13469714363249,
    );
    assert.equal(parseExecStart(''), null);
    assert.deepEqual(
      parsePinCounts('nr_free 1\nnr_foll_pin_acquired 128\nnr_foll_pin_released 100\nnr_x 3\n'),
      { acquired: 128, released: 100 },
    );
    assert.equal(parsePinCounts('nr_free 1\n'), null);
  });

  it('turns devices and inode numbers into the kernel’s and back', () => {
    assertProperty(
      fc.property(fc.nat(0xfff), fc.nat(0xfffff), (major, minor) => {
        // new_encode_dev of include/linux/kdev_t.h
        const packed = (minor & 0xff) + major * 0x100 + (minor >> 8) * 0x100000;
        assert.equal(statDevice(BigInt(packed)), kernelDevice(major, minor));
        assert.equal(
          parseHexDevice(`${major.toString(16)}:${minor.toString(16)}`),
          kernelDevice(major, minor),
        );
      }),
    );
    assert.equal(parseInodeNumber('9007199254740991'), 9007199254740991);
    assert.equal(parseInodeNumber('9007199254740993'), '9007199254740993');
  });

  it('takes any text at all', () => {
    const words = fc.constantFrom(
      'LEASE',
      '->',
      'ACTIVE',
      '1:',
      'fe:00:1',
      'ino:\t3',
      'UserBufs:',
      '\n',
      ' ',
      '(',
      '0x1/2',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(words).map((parts) => parts.join(' ')),
    );
    assertProperty(
      fc.property(texts, (text) => {
        for (const parse of [
          parseLocks,
          parseFdInfo,
          parseStack,
          parseSystemCall,
          parsePinCounts,
          classifyLink,
        ])
          parse(text);
        parseMaps(text, 1);
        parseTaskStat(text, 1);
      }),
    );
  });
});
