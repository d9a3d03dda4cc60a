import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseMountEntries } from '../../src/capture/mountinfo.ts';
import { layersOf } from '../../src/capture/overlay.ts';

it('reads layers from top to bottom: several, with colons, commas and spaces in their names', () => {
  const line =
    '45 27 0:39 / /m\\040t rw - overlay overlay rw,lowerdir=/a:/b\\134:b:/c\\040d,upperdir=/u\\054v,workdir=/w,uuid=on';
  const [mount] = parseMountEntries(line);
  assert.deepEqual([mount?.id, mount?.path], [45, '/m t']);
  assert.deepEqual(layersOf(mount?.options ?? []), ['/u,v', '/a', '/b:b', '/c d']);
});

it('reads layers that are options of their own, and those that hold data only', () => {
  const options = ['lowerdir+=/a', 'lowerdir+=/b:c', 'datadir+=/d'];
  assert.deepEqual(layersOf(options), ['/a', '/b:c', '/d']);
  assert.deepEqual(layersOf(['lowerdir=/a:/b::/d']), ['/a', '/b', '/d']);
});

it('leaves out relative layers: they belong to a working directory that is gone', () => {
  assert.deepEqual(layersOf(['lowerdir=l/A:l/B', 'upperdir=/u']), ['/u']);
});
