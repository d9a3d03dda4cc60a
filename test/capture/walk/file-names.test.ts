/** Names from the kernel's cache of names: pieces become names, names a path. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRowContext } from '../../../src/capture/procfs/walk-row.ts';
import { nameFiles } from '../../../src/capture/walk/file-names.ts';
import { withTag } from '../../../src/capture/walk/printed.ts';
import { ofKind } from './answer-of.ts';
import { madeUpGrounds, readLines } from './canned.ts';
import { DEV, pipeLines } from './scenes.ts';

const MAPPING = '-59075388000000000';
const MOUNTS = [{ dev: '259:0', path: '/mnt/dax', fs: 'xfs', root: '/' }];
const pages = withTag(readLines(pipeLines('1,2')), 'pages');

/** A name as the program prints it: 32 bytes a row. What stands behind its end in memory is printed, too. */
function nameLines(depth: number, name: string, visit = `@${MAPPING}/${MAPPING}`): readonly string[] {
  const bytes = Buffer.concat([Buffer.from(name), Buffer.from([0]), Buffer.alloc(64, 'x')]);
  const rows = Math.floor(Buffer.byteLength(name) / 32) + 1;
  return Array.from({ length: rows }, (_, n) => {
    const numbers = [0, 8, 16, 24].map((at) => bytes.readBigUInt64LE(n * 32 + at));
    return `["name",${visit},${DEV},131,${depth},${n * 32},${numbers.join(',')}]`;
  });
}

async function pathOf(lines: readonly string[], mounts = MOUNTS) {
  const grounds = madeUpGrounds({ names: [lines] });
  const rows = await nameFiles(createRowContext(1, '/nowhere'), grounds, pages, mounts);
  return ofKind(rows, 'walk.named').map(({ path, fs, dev, ino }) => [path, fs, dev, ino]);
}

test('a path from the file up to the root, put under where it is mounted', async () => {
  const lines = [...nameLines(0, 'data'), ...nameLines(1, 'sub dir'), ...nameLines(2, '/')];
  assert.deepEqual(await pathOf(lines), [['/mnt/dax/sub dir/data', 'xfs', String(DEV), '131']]);
  assert.deepEqual(await pathOf(lines, []), [['[259:0]/sub dir/data', '', String(DEV), '131']]);
});

test('names of every length', async () => {
  for (const length of [1, 7, 8, 31, 32, 33, 64, 255]) {
    const name = 'n'.repeat(length);
    const [named] = await pathOf([...nameLines(0, name), ...nameLines(1, '/')]);
    assert.equal(named?.[0], `/mnt/dax/${name}`, `${length} bytes`);
  }
});

test('a path that was cut at its top is the file’s own name', async () => {
  const [named] = await pathOf([...nameLines(0, 'data'), ...nameLines(1, 'sub')]);
  assert.equal(named?.[0], 'data');
});

test('a file without a name in the cache, and no file at all, have no row', async () => {
  assert.deepEqual(await pathOf([]), []);
  const grounds = madeUpGrounds({});
  assert.deepEqual(await nameFiles(createRowContext(1, '/nowhere'), grounds, [], MOUNTS), []);
  assert.deepEqual(grounds.runs, [], 'nothing is asked');
});
