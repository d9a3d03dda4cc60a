/** Physical ranges of pmem devices, on a made-up /sys. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pmemDeviceAt, readPmemDevices } from '../../../src/capture/procfs/pmem.ts';
import { makeTree } from './made-up-proc.ts';

test('a physical address leads to its pmem device', async (t) => {
  const sys = await makeTree(t, {
    'block/pmem0/dev': '259:0\n',
    'block/pmem0/device': '-> ../../bus/nd/devices/namespace0.0',
    'bus/nd/devices/namespace0.0/resource': '0x40000000\n',
    'bus/nd/devices/namespace0.0/size': '536870912\n',
    'block/pmem1/dev': '259:1\n',
    'block/pmem1/device': '-> ../../bus/nd/devices/namespace1.0',
    'bus/nd/devices/namespace1.0/resource': '0xffffffffffffffff\n',
    'bus/nd/devices/namespace1.0/size': '536870912\n',
    'block/vda/dev': '254:0\n',
  });
  const devices = readPmemDevices(sys);
  assert.deepEqual(devices, [{ name: 'pmem0', dev: 0x10300000, start: 0x40000000, end: 0x60000000 }]);
  assert.equal(pmemDeviceAt(devices, 0x5fffffff)?.name, 'pmem0');
  assert.equal(pmemDeviceAt(devices, 0x60000000), null);
});
