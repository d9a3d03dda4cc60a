import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseMountinfo, readHostFacts } from '../../src/capture/host-facts.ts';

it('reads mounts: bind mounts, optional fields, spaces in paths', () => {
  const text = [
    '22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw',
    '30 22 0:26 / /dev/shm rw,nosuid - tmpfs tmpfs rw',
    '99 22 259:2 /srv/my\\040data /mnt/a\\011b rw master:3 propagate_from:1 - ext4 /dev/nvme0n1p2 rw',
    'garbage',
    '',
  ].join('\n');
  assert.deepEqual(parseMountinfo(text), [
    { dev: '259:2', root: '/', path: '/', fs: 'ext4' },
    { dev: '0:26', root: '/', path: '/dev/shm', fs: 'tmpfs' },
    { dev: '259:2', root: '/srv/my data', path: '/mnt/a\tb', fs: 'ext4' },
  ]);
});

it('reads both clocks of this host', async () => {
  const { clock, host } = await readHostFacts();
  assert.ok(clock.boottime_ns > 0 && Math.abs(clock.realtime_ns / 1e6 - Date.now()) < 60_000);
  assert.notEqual(host, '');
});
