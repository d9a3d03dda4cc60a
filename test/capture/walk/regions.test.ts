/** Memory regions of RDMA: whose they are, and what is said of those whose pages were not found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pagesIn } from '../../../src/capture/walk/owners.ts';
import { lookForRegions } from '../../../src/capture/walk/regions.ts';
import { type Canned, madeUpGrounds } from './canned.ts';
import { REGION, UMEM, UVERBS, UVERBS_FILE } from './scenes.ts';

const opened = REGION['open-files']?.[0] ?? [];
const look = (canned: Canned) => lookForRegions(madeUpGrounds(canned, opened), []);

test('a region has its pages, its device and who registered it', async () => {
  const { regions, dark } = await look(REGION);
  assert.deepEqual(dark, []);
  const [{ owner, ...region } = { owner: null }, ...more] = regions;
  assert.deepEqual(more, []);
  assert.deepEqual(region, {
    device: 'rxe0',
    taker: { pid: 424, comm: 'rdma', gone: true },
    write: true,
  });
  assert.deepEqual([owner?.object, owner?.reach, pagesIn(owner?.runs ?? [])], [UMEM, UVERBS_FILE, 256]);
});

test('memory that is another one’s by now is not told as the region’s', async () => {
  const [header = '', pages = ''] = REGION['region-pages']?.[0] ?? [];
  const others = [header.replace('140143026098176', '4096'), header.replace(/1048576\]$/, '4096]')];
  for (const other of others) {
    const { regions } = await look({ ...REGION, 'region-pages': [[other, pages]] });
    assert.deepEqual(
      regions.map(({ owner }) => [owner.runs, owner.whole, owner.bytes]),
      [[[], false, 1_048_576]],
    );
  }
});

test('a region whose pages were not printed is told without them', async () => {
  const { regions } = await look({ ...REGION, 'region-pages': [[]] });
  assert.deepEqual(
    regions.map(({ owner, taker }) => [owner.runs.length, owner.whole, taker.pid]),
    [[0, false, 424]],
  );
});

test('a region of a driver that is not known is dark', async () => {
  const lines = (REGION.regions?.[0] ?? []).map((line) => line.replace(`${UMEM},14`, '0,5'));
  const grounds = madeUpGrounds({ regions: [lines] }, opened);
  const { regions, dark } = await lookForRegions(grounds, []);
  assert.deepEqual(regions, []);
  assert.deepEqual(dark, [{ device: 'rxe0', driver: 5, taker: { pid: 424, comm: 'rdma', gone: true } }]);
  assert.equal(grounds.runs.length, 1, 'there is nothing to look into');
});

test('an uverbs file in flight is looked into as one at a descriptor', async () => {
  const line = (text: string) => text.replace('423,3', `@${UVERBS_FILE}`);
  const grounds = madeUpGrounds({ ...REGION, regions: [(REGION.regions?.[0] ?? []).map(line)] });
  const hideout = { file: UVERBS_FILE, object: UVERBS, entries: 1 };
  const { regions } = await lookForRegions(grounds, [hideout]);
  assert.deepEqual(
    regions.map(({ owner }) => [owner.reach, pagesIn(owner.runs)]),
    [[UVERBS_FILE, 256]],
  );
});
