/** RDMA regions: what rdma(8) prints, and what can and cannot be concluded from it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMaps } from '../../../src/capture/procfs/mappings.ts';
import {
  parseRdmaContexts,
  parseRdmaRegions,
  rdmaDeviceOf,
} from '../../../src/capture/procfs/rdma-resource.ts';
import { type RdmaState, regionRows } from '../../../src/capture/procfs/region-rows.ts';
import { createRowContext } from '../../../src/capture/procfs/walk-row.ts';
import type { RawRow } from '../../../src/event/encode.ts';
import type { RowKind } from '../../../src/event/schema.ts';
import { makeTree } from './made-up-proc.ts';

const MIB = 1 << 20;

describe('rdma resource', () => {
  it('reads regions, also nested ones, and passes over what is none', () => {
    const json =
      '[{"ifindex":0,"ifname":"rxe0","mrn":4,"mrlen":1048576,"pdn":2,"pid":405,"comm":"rd\\"ma"},[{"ifname":"rxe0","mrlen":4096,"iova":"0x7f00","mrn":5}],{"ifname":"x"},7,null]';
    assert.deepEqual(parseRdmaRegions(json), [
      { device: 'rxe0', number: 4, bytes: MIB, iova: null, pid: 405, comm: 'rd"ma' },
      { device: 'rxe0', number: 5, bytes: 4096, iova: 0x7f00, pid: null, comm: '' },
    ]);
    assert.deepEqual(parseRdmaContexts('[{"ifname":"rxe0","ctxn":0,"pid":0,"comm":"[ib_core]"}]'), [
      { device: 'rxe0', pid: null, comm: '[ib_core]' },
    ]);
    assert.deepEqual(parseRdmaRegions('no device'), []);
  });

  it('finds the RDMA device behind an uverbs device', async (t) => {
    const sys = await makeTree(t, { 'class/infiniband_verbs/uverbs0/ibdev': 'rxe0\n' });
    assert.equal(rdmaDeviceOf('uverbs0', sys), 'rxe0');
    assert.equal(rdmaDeviceOf('uverbs1', sys), null);
  });
});

describe('rows of regions', () => {
  const uverbs = (pid: number, fd: number) => ({
    descriptor: { pid, fd, target: { kind: 'uverbs', device: 'uverbs0' } as const },
    device: 'rxe0',
  });
  const region = { device: 'rxe0', number: 4, bytes: MIB, iova: null, pid: 405, comm: 'rdma' };
  const rowsOf = (state: Partial<RdmaState>, maps = '') =>
    regionRows(
      createRowContext(1),
      { regions: [], contexts: [], descriptors: [], ...state },
      parseMaps(maps, 405),
    );
  const kinds = (rows: readonly RawRow[]) => rows.map(({ kind }) => kind);
  const only = <K extends RowKind>(rows: readonly RawRow[], kind: K) =>
    rows.filter((row): row is RawRow<K> => row.kind === kind);

  it('names who may have got the uverbs file of a dead process, and that the file is not told', () => {
    const rows = rowsOf({
      regions: [{ ...region, pid: null, comm: '' }],
      contexts: [{ device: 'rxe0', pid: 410, comm: 'own' }],
      descriptors: [uverbs(406, 3), uverbs(410, 5)],
    });
    assert.deepEqual(kinds(rows), ['walk.held', 'walk.owner', 'walk.gap']);
    const [held] = only(rows, 'walk.held');
    const [owner] = only(rows, 'walk.owner');
    assert.deepEqual([held?.pid, held?.fd], [406, 3]);
    assert.equal(held?.object, owner?.reach);
    assert.deepEqual([owner?.pages, owner?.seen], [256, 0]);
  });

  it('infers the file where the process maps only one that is long enough', () => {
    const shared = '7f0000000000-7f0000100000 rw-s 00000000 00:1a 2 /dev/shm/data';
    const rows = rowsOf({ regions: [region], descriptors: [uverbs(405, 4)] }, shared);
    assert.deepEqual(kinds(rows), ['walk.held', 'walk.pinned', 'walk.owner']);
    const [pinned] = only(rows, 'walk.pinned');
    assert.deepEqual([pinned?.dev, pinned?.ino, pinned?.pages, pinned?.pid], [26, 2, 256, 405]);
    assert.match(String(pinned?.source), /the only file/);
  });

  it('does not choose between two files, nor take private memory for a file’s', () => {
    const two =
      '7f0000000000-7f0000100000 rw-s 00000000 00:1a 2 /dev/shm/a\n7f0000200000-7f0000300000 rw-s 00000000 00:1a 3 /dev/shm/b';
    const privately = '7f0000000000-7f0000100000 rw-p 00000000 00:1a 2 /dev/shm/a';
    for (const maps of [two, privately])
      assert.deepEqual(only(rowsOf({ regions: [region] }, maps), 'walk.pinned'), []);
  });

  it('says nothing of regions that the kernel itself registered', () => {
    assert.deepEqual(rowsOf({ regions: [{ ...region, pid: null, comm: '[nvme_rdma]' }] }), []);
  });
});
