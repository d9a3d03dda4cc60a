/** What was found, as rows: pages of files, of nobody and of no file, and how many of them the kernel counts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRowContext } from '../../../src/capture/procfs/walk-row.ts';
import type { Owner, OwnerVia } from '../../../src/capture/walk/owners.ts';
import { type Printed, withTag } from '../../../src/capture/walk/printed.ts';
import { heldRow, isFilePage, keptRow, leaseRow, ownerRows } from '../../../src/capture/walk/rows.ts';
import { ofKind } from './answer-of.ts';
import { readLines } from './canned.ts';
import { DEV, ENDS, LEASE, openEnd, PAGE, PIPE } from './scenes.ts';

const context = createRowContext(5e9, '/nowhere');
/** Frame 262159 lies in it. */
const PMEM = [{ name: 'pmem0', dev: 271_581_184, start: 0x40000000, end: 0x60000000 }];
const NOBODY = { device: '', taker: null, write: false };

function run(columns: Readonly<Record<string, string | number>> = {}): Printed<'pages'> {
  const values = {
    owner: PIPE,
    page: PAGE,
    frame: 262_159,
    dev: DEV,
    ino: 131,
    index: 8,
    pages: 4,
    bytes: 16_384,
    mapping: '-59075388000000000',
    ...columns,
  };
  const [printed] = withTag(readLines([`["pages",9,3,${Object.values(values).join(',')}]`]), 'pages');
  assert.ok(printed);
  return printed;
}

function owner(columns: Partial<Owner> = {}): Owner {
  return {
    via: 'vmsplice',
    object: PIPE,
    reach: PIPE,
    entries: 4,
    address: '0',
    bytes: 0,
    runs: [run()],
    whole: true,
    ...columns,
  };
}

const pinnedOf = (runs: readonly Printed<'pages'>[]) =>
  ofKind(ownerRows(context, { owner: owner({ runs }), ...NOBODY }, PMEM), 'walk.pinned');

const countsOf = (columns: Partial<Owner>) => {
  const [row] = ofKind(ownerRows(context, { owner: owner(columns), ...NOBODY }, PMEM), 'walk.owner');
  return [row?.pages, row?.seen, row?.counted];
};

describe('a run of pages', () => {
  it('of a file has its file, and its place in it', () => {
    const [row] = pinnedOf([run()]);
    assert.deepEqual(
      [row?.dev, row?.ino, row?.index, row?.pages, row?.bytes, row?.page, row?.orphan, row?.longterm],
      [String(DEV), '131', '8', '4', '16384', PAGE, 0, 0],
    );
  });

  it('of nobody is an orphan of the device in whose memory it lies', () => {
    const cut = { mapping: 0, dev: 0, ino: 0 };
    const [inside, outside] = pinnedOf([run(cut), run({ ...cut, frame: 0x60000 })]);
    assert.deepEqual([inside?.orphan, inside?.dev, inside?.ino, inside?.index], [1, 271_581_184, 0, 0]);
    assert.deepEqual([outside?.orphan, outside?.dev, outside?.ino], [1, 0, 0]);
  });

  it('of anonymous memory is no file’s and no orphan', () => {
    for (const bits of [1n, 2n, 3n]) {
      const [row] = pinnedOf([run({ mapping: String(-59075388000000000n + bits) })]);
      assert.deepEqual([row?.dev, row?.ino, row?.index, row?.orphan], [0, 0, 0, 0]);
    }
  });

  it('is a file’s by its mapping alone', () => {
    const mappings = [
      '0',
      '-59075388000000000',
      '-59075387999999999',
      '-59075387999999998',
      '18446603336221196288',
    ];
    assert.deepEqual(
      mappings.map((mapping) => isFilePage(run({ mapping }))),
      [false, true, false, false, true],
    );
  });

  it('names who took it, alive or gone, and on which device', () => {
    const taker = { pid: 424, comm: 'rdma', gone: true };
    const region = owner({ via: 'rdma-mr', address: '4096', bytes: 16_384 });
    const told = { owner: region, device: 'rxe0', taker, write: true };
    const [row] = ofKind(ownerRows(context, told, PMEM), 'walk.pinned');
    assert.deepEqual(
      [row?.pid, row?.comm, row?.gone, row?.device, row?.write, row?.longterm, row?.via, row?.address],
      [424, 'rdma', 1, 'rxe0', 1, 1, 'rdma-mr', '4096'],
    );
  });
});

describe('the pages of an owner', () => {
  const large = { address: '140143026098276', bytes: 8192 };

  it('are counted in the kernel’s statistics but for those of pipes', () => {
    const cases: readonly (readonly [OwnerVia, Partial<Owner>, readonly number[]])[] = [
      ['vmsplice', { entries: 9 }, [4, 4, 0]],
      ['xdp-umem', { entries: 4 }, [4, 4, 4]],
      // 8192 bytes that begin inside a page lie in three.
      ['rdma-mr', { ...large, runs: [run({ pages: 3 })] }, [3, 3, 3]],
      ['io_uring-buffer', { ...large, entries: 1, runs: [run({ pages: 3 })] }, [3, 3, 1]],
    ];
    for (const [via, columns, counts] of cases) assert.deepEqual(countsOf({ via, ...columns }), counts, via);
  });

  it('that were not all looked at are counted all the same', () => {
    assert.deepEqual(countsOf({ entries: 16, whole: false }), [16, 4, 0]);
    assert.deepEqual(countsOf({ via: 'xdp-umem', entries: 500, whole: false }), [500, 4, 500]);
    assert.deepEqual(
      countsOf({ via: 'rdma-mr', address: '0', bytes: 8192, runs: [], whole: false }),
      [2, 0, 2],
    );
  });

  it('are never more than it has, whatever a stale object printed', () => {
    assert.deepEqual(
      countsOf({ via: 'io_uring-buffer', bytes: 4096, entries: 1, runs: [run({ pages: 700 })] }),
      [1, 1, 1],
    );
  });

  it('that a share of another ring’s buffer has are counted there', () => {
    assert.deepEqual(countsOf({ via: 'io_uring-buffer', bytes: 16_384, isShare: true }), [4, 4, 0]);
  });
});

describe('the row of', () => {
  it('an open file at a descriptor', () => {
    const [open] = withTag(readLines([openEnd(256, 3, ENDS[0])]), 'open');
    assert.ok(open);
    const [row] = ofKind([heldRow(context, open)], 'walk.held');
    assert.deepEqual(
      [row?.pid, row?.fd, row?.file, row?.object, row?.dev, row?.ino, row?.mode, row?.source],
      [256, '3', ENDS[0], PIPE, '15', '1424', '4096', ''],
    );
  });

  it('an open file inside another object', () => {
    const file = { file: ENDS[0], object: PIPE, dev: '15', ino: '1424', mode: '4096', extra: '0' };
    const kept = keptRow(context, { pid: '351', keeper: '0', how: 3, ...file });
    const [row] = ofKind([kept], 'walk.kept');
    assert.deepEqual([row?.pid, row?.how, row?.keeper, row?.object], [351, 3, '0', PIPE]);
  });

  it('a lease, with the time that is left where somebody breaks it', () => {
    const leases = [LEASE, LEASE.replace(/0\]$/, '3999999999]'), LEASE.replace(/0\]$/, '-7]')];
    const rows = withTag(readLines(leases), 'lease').map((lease) => leaseRow(context, lease));
    assert.deepEqual(
      ofKind(rows, 'walk.leased').map(({ left, recorded, pid }) => [left, recorded, pid]),
      [
        [-1, '261', 261],
        [4000, '261', 261],
        [0, '261', 261],
      ],
    );
  });
});
