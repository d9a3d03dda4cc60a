/** Paths from names and mounts, and finding a file by what a user types. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, InodeKey } from '../../src/event/event.ts';
import type { Header, Mount } from '../../src/event/header.ts';
import { fileSummaries, findTarget, pathOfFile, whoAnswer } from '../../src/model/model.ts';
import { at, EXT4, header, hello, play, row, SHM, who } from './rows.ts';

const a = who(10, 'a');
const KEY = '254:1:14' as InodeKey;

function named(names: readonly string[], place = EXT4): Event[] {
  return names.map((name, depth) =>
    row(1, a, 'inode.named', { inode: 5, ...at(place), depth, name, fs: place.fs }),
  );
}

function refused(place = EXT4): Event {
  return row(2, a, 'lease.refused', { file: 1, owner: 1, ...at(place), type: 1, fd: 3, error: -11 });
}

function mounted(...mounts: readonly (readonly [path: string, root: string])[]): Header {
  const all: Mount[] = mounts.map(([path, root]) => ({ dev: EXT4.dev, path, root, fs: 'ext4' }));
  return { ...header, mounts: all };
}

function pathWith(events: readonly Event[], withHeader = header): string | null {
  return whoAnswer(play([hello(), ...events, refused()], withHeader), KEY).target.path;
}

test('a path is the names from the file up to the root, behind the mount point', () => {
  const deep = named(['data', 'sub', 'dir', '/']);
  assert.equal(pathWith(deep), '/mnt/ext4/dir/sub/data');
  assert.equal(pathWith(deep, mounted(['/', '/'])), '/dir/sub/data');
  assert.equal(pathWith(named(['/'])), '/mnt/ext4');
});

test('of several mounts the whole file system at the shortest path is taken; a bind mount where it must', () => {
  const deep = named(['data', 'sub', 'dir', '/']);
  assert.equal(pathWith(deep, mounted(['/mnt/long', '/'], ['/m', '/'], ['/b', '/dir'])), '/m/dir/sub/data');
  assert.equal(pathWith(deep, mounted(['/b', '/dir'])), '/b/sub/data');
  assert.equal(pathWith(deep, mounted(['/b', '/di'])), '[254:1]/dir/sub/data');
  assert.equal(pathWith(deep, mounted()), '[254:1]/dir/sub/data');
});

test('names without a root stand for themselves; a walk that was cut short says so', () => {
  assert.equal(pathWith(named(['memfd:buffer'])), 'memfd:buffer');
  assert.equal(pathWith(named(['data', 'sub'])), '.../sub/data');
  assert.equal(pathWith([]), null);
});

test('a second walk replaces the first; names out of turn are not taken', () => {
  assert.equal(pathWith([...named(['old', '/']), ...named(['new', '/'])]), '/mnt/ext4/new');
  const gap = row(1, a, 'inode.named', { inode: 5, ...at(EXT4), depth: 7, name: 'x', fs: 'ext4' });
  assert.equal(pathWith([...named(['data', '/']), gap]), '/mnt/ext4/data');
});

test('a path given to truncate(2) serves where no walk was seen', () => {
  const began = (name: string) => row(1, a, 'truncate.began', { ...at(EXT4), from: 0, to: 0, how: 1, name });
  assert.equal(pathWith([refused(), began('/somewhere/data')]), '/somewhere/data');
  assert.equal(pathWith([refused(), began('data')]), null);
});

test('a number that comes back after an eviction is another file', () => {
  const evicted = row(3, a, 'inode.evicted', { inode: 5, ...at(SHM) });
  const rows = [hello(), ...named(['old', '/'], SHM), refused(SHM), evicted, ...named(['new', '/'], SHM)];
  const model = play(rows);
  assert.equal(whoAnswer(model, '0:26:2' as InodeKey).target.path, '/dev/shm/new');
  const idle = play([hello(), ...named(['old', '/'], SHM), evicted]);
  assert.equal(idle.inodes.size, 0, 'nothing is kept of a file that nobody leased or pinned');
});

test('pins of an evicted file are told under its number', () => {
  const pin = row(2, a, 'pin.taken', { object: 9, reach: 0, ...at(SHM), page: 1, pages: 2, via: 'rdma-mr' });
  const evicted = row(3, a, 'inode.evicted', { inode: 5, ...at(SHM) });
  const model = play([hello(), pin, evicted, ...named(['new', '/'], SHM)]);
  assert.equal(whoAnswer(model, '0:26:2' as InodeKey).holders.length, 1);
  assert.deepEqual(
    fileSummaries(model).map(({ pins, target }) => [pins, target.path]),
    [[1, '/dev/shm/new']],
  );
});

const known = play([
  hello(),
  ...named(['data', 'dir', '/']),
  refused(),
  ...named(['data', '/'], SHM),
  refused(SHM),
]);

test('a file is found by device and inode, by path, by the end of its path', () => {
  const found = (text: string) => {
    const target = findTarget(known, text);
    return target.ok ? target.value : target.error;
  };
  assert.equal(found('254:1:14'), '254:1:14');
  assert.equal(found('8:1:77'), '8:1:77', 'also one that was never seen');
  assert.equal(found('/mnt/ext4/dir/data'), '254:1:14');
  assert.equal(found('dir/data'), '254:1:14');
  assert.equal(found('./dir/data'), '254:1:14');
  assert.match(found('data'), /may be 2 files: \/mnt\/ext4\/dir\/data \(254:1:14\), \/dev\/shm\/data/);
  assert.match(found('ta'), /no file 'ta' was seen; 2 files/);
  assert.match(found('evil\u001b[2J'), /no file 'evil\\x1b\[2J'/);
  assert.match(found(''), /no file/);
});

test('the path of a file by its numbers', () => {
  assert.equal(pathOfFile(known, SHM.dev as never, SHM.ino), '/dev/shm/data');
  assert.equal(pathOfFile(known, '8:1' as never, 77), null);
});
