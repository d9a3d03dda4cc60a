/** Descriptors of our own: really open, in a row, and closed again. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { openPlaceholders } from '../../../src/capture/walk/placeholders.ts';

const ours = () =>
  readdirSync('/proc/self/fd')
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === '/dev/null';
      } catch {
        return false;
      }
    })
    .map(Number)
    .sort((one, other) => one - other);

test('they are open and follow each other, also where numbers between are taken', () => {
  // Every other one of these numbers becomes free.
  const taken = Array.from({ length: 12 }, () => openSync('/proc/self/stat', 'r'));
  for (const fd of taken.filter((_, n) => n % 2 === 0)) closeSync(fd);
  const before = ours();
  const placeholders = openPlaceholders();
  const first = placeholders.take(1);
  const row = placeholders.take(5);
  const open = ours();
  for (const fd of [first, row, row + 1, row + 2, row + 3, row + 4]) assert.ok(open.includes(fd), String(fd));
  assert.ok(first < row, 'the lowest free number comes first');
  placeholders.close();
  assert.deepEqual(ours(), before);
  placeholders.close();
  for (const fd of taken.filter((_, n) => n % 2 === 1)) closeSync(fd);
});
