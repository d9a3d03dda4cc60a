/** Paths of every sort on the host that the test runs on, with what stat(2) says of them as the truth. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { type FileHandle, mkdir, open, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { execa, execaSync } from 'execa';
import { type LiveTarget, resolveTarget } from '../../src/capture/target.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { until } from '../fixtures/whopins.ts';

async function resolved(text: string): Promise<LiveTarget> {
  const target = await resolveTarget(text);
  assert.ok(target.ok, target.ok ? '' : target.error);
  return target.value;
}

async function refused(text: string): Promise<string> {
  const target = await resolveTarget(text);
  assert.ok(!target.ok, `${text} should be refused`);
  assert.ok(!target.error.includes('\n'));
  return target.error;
}

async function keptOpen(t: TestContext, path: string): Promise<FileHandle> {
  const file = await open(path, 'r');
  t.after(() => file.close());
  return file;
}

describe('a path', () => {
  it('is the inode that stat(2) names, also through symbolic links', async (t) => {
    const directory = await temporaryDirectory(t);
    const path = join(directory, 'data');
    await writeFile(path, 'x');
    await symlink(path, join(directory, 'link'));
    const { ino } = await stat(path);
    for (const name of [path, join(directory, 'link')]) {
      const target = await resolved(name);
      assert.deepEqual([target.ino, target.path, target.notes], [ino, path, []]);
      assert.equal(target.key, `${target.dev >>> 20}:${target.dev & 0xfffff}:${ino}`);
    }
  });

  it('carries the device that mountinfo tells, as the kernel writes it', async () => {
    const { stdout } = await execa('findmnt', ['-no', 'MAJ:MIN', '--target', '/proc/version'], {
      reject: false,
    });
    const dev = stdout === '' ? devOf('/proc/version') : stdout.trim();
    const target = await resolved('/proc/version');
    assert.equal(target.key, `${dev}:${statSync('/proc/version').ino}`);
    assert.equal(target.fs, 'proc');
  });

  it('of a file that is deleted but open is shown as deleted', async (t) => {
    const path = join(await temporaryDirectory(t), 'data');
    await writeFile(path, 'x');
    const file = await keptOpen(t, path);
    const { ino } = await file.stat();
    await rm(path);
    const target = await resolved(`/proc/${process.pid}/fd/${file.fd}`);
    assert.deepEqual([target.ino, target.path, target.doubts], [ino, `${path} (deleted)`, []]);
  });
});

/** Minor numbers below 256, as here, stand in st_dev as they are. */
function devOf(path: string): string {
  const { dev } = statSync(path);
  return `${dev >> 8}:${dev & 0xff}`;
}

describe('what is no regular file is refused with what to do', () => {
  it('directory, socket, pipe, device, pipe without a name', async (t) => {
    const directory = await temporaryDirectory(t);
    const server = createServer().listen(join(directory, 'socket'));
    t.after(() => server.close());
    await until(() => server.listening, 'it listens');
    await execa('mkfifo', [join(directory, 'fifo')]);
    const child = execa('sleep', ['60'], { stdin: 'pipe', reject: false });
    t.after(() => child.kill());
    assert.match(await refused(directory), / is a directory: name a file in it, or give no path /);
    assert.match(await refused(join(directory, 'socket')), / is a socket: /);
    assert.match(await refused(join(directory, 'fifo')), / is a pipe: .* name that file, or give no path$/);
    assert.match(await refused('/dev/null'), / is a device: name a file on its file system/);
    assert.match(await refused(`/proc/${child.pid}/fd/0`), / is a (?:pipe|socket): /);
  });

  it('and so is what leads nowhere', async (t) => {
    const directory = await temporaryDirectory(t);
    await writeFile(join(directory, 'file'), '');
    await symlink('nowhere', join(directory, 'dangling'));
    await symlink('circle', join(directory, 'circle'));
    const cases: readonly (readonly [string, RegExp])[] = [
      [join(directory, 'none'), /^cannot find .*none: there is no such file; check the path, or give MAJOR:/],
      [join(directory, 'dangling'), /: there is no such file; /],
      [join(directory, 'circle'), /: its symbolic links go in a circle; /],
      [join(directory, 'file', 'x'), /: a part of the path is no directory; /],
      [`/${'x'.repeat(5000)}`, /: the path is too long; /],
      ['', /^cannot find a file without a name: /],
      ['0:26', /a device and inode number are written MAJOR:MINOR:INODE$/],
    ];
    for (const [path, message] of cases) assert.match(await refused(path), message);
  });
});

describe('MAJOR:MINOR:INODE', () => {
  it('is taken as it is, in the form that the decoder gives', async () => {
    const target = await resolved('259:1:131');
    assert.deepEqual(
      [target.key, target.dev, target.ino, target.path],
      ['259:1:131', (259 << 20) | 1, 131, null],
    );
    assert.equal((await resolved('0:026:0002')).key, '0:26:2');
    assert.deepEqual((await resolved('4095:1048575:18446744073709551615')).ino, '18446744073709551615');
  });

  it('says where no such device is mounted', async () => {
    assert.deepEqual((await resolved('4095:1048575:2')).notes, [
      'no file system with device 4095:1048575 is mounted here',
    ]);
  });

  it('is refused beyond what the kernel has', async () => {
    for (const text of ['4096:0:1', '0:1048576:1', '0:1:18446744073709551616', '0:1:0']) {
      assert.match(await refused(text), /is no MAJOR:MINOR:INODE: .* stat -c %Hd:%Ld:%i FILE prints one$/);
    }
  });
});

/** Why nothing can be mounted here; false where it can. */
function whyNoMounts(): string | false {
  if (process.getuid?.() !== 0) return 'needs root: mounts overlays and other file systems';
  const tried = execaSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { reject: false });
  return tried.exitCode === 0
    ? false
    : `mount(8) in a namespace of its own does not work here: ${tried.stderr}`;
}

/** Runs `check` while layers `upper`, `lower` and `lowest` are mounted at `merged`, and a part of that at `bound`. */
async function onOverlay(t: TestContext, check: (at: (name: string) => string) => Promise<void>) {
  const directory = await temporaryDirectory(t);
  const at = (name: string) => join(directory, name);
  for (const name of ['upper', 'lower/sub', 'lowest/sub', 'work', 'merged', 'bound']) {
    await mkdir(at(name), { recursive: true });
  }
  const layers = `lowerdir=${at('lower')}:${at('lowest')},upperdir=${at('upper')},workdir=${at('work')}`;
  await writeFile(at('lower/sub/shadowed'), 'lower');
  await writeFile(at('lowest/sub/shadowed'), 'lowest, longer');
  await writeFile(at('lowest/sub/deep'), 'deep');
  const mount = execa({ reject: false });
  const mounted = await mount('mount', ['-t', 'overlay', 'overlay', '-o', layers, at('merged')]);
  if (mounted.exitCode !== 0) return t.skip(`overlayfs cannot be mounted here: ${mounted.stderr}`);
  try {
    await execa('mount', ['--bind', at('merged/sub'), at('bound')]);
    await check(at);
  } finally {
    await mount('umount', [at('bound')]);
    await mount('umount', [at('merged')]);
  }
}

describe('a file on an overlay', { skip: whyNoMounts() }, () => {
  it('is the file below, and that is said', async (t) => {
    await onOverlay(t, async (at) => {
      await writeFile(at('merged/fresh'), 'fresh');
      await writeFile(at('merged/sub/deep'), 'copied up');
      for (const [name, below] of [
        ['merged/fresh', 'upper/fresh'],
        ['merged/sub/shadowed', 'lower/sub/shadowed'],
        ['merged/sub/deep', 'upper/sub/deep'],
      ] as const) {
        const target = await resolved(at(name));
        const expected = await resolved(at(below));
        assert.deepEqual([target.key, target.path, target.doubts], [expected.key, at(below), []]);
        assert.match(target.notes[0] ?? '', /lies on an overlay: its pages are those of .*; a lease /);
      }
    });
  });

  it('is found through a bind mount of a part of it', async (t) => {
    await onOverlay(t, async (at) => {
      assert.equal((await resolved(at('bound/deep'))).path, at('lowest/sub/deep'));
    });
  });

  it('that is deleted cannot be found below: the answer is no longer definite', async (t) => {
    await onOverlay(t, async (at) => {
      await writeFile(at('merged/gone'), 'x');
      const file = await open(at('merged/gone'), 'r');
      await rm(at('merged/gone'));
      const target = await resolved(`/proc/${process.pid}/fd/${file.fd}`);
      await file.close();
      assert.match(target.doubts[0] ?? '', /^the file's pages belong to another file below the overlay, /);
    });
  });
});

describe('a file in another mount namespace', { skip: whyNoMounts() }, () => {
  it('is found through /proc/PID/root of a process there', async (t) => {
    const script =
      'mount -t tmpfs none /mnt && echo x > /mnt/data && stat -c %d:%i /mnt/data && exec sleep 60';
    const inside = execa('unshare', ['-m', 'sh', '-c', script], { reject: false });
    t.after(() => inside.kill('SIGKILL'));
    let told = '';
    inside.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
    await until(() => told.includes('\n'), 'the file is there');
    const [dev, ino] = told.trim().split(':').map(Number);
    const target = await resolved(`/proc/${inside.pid}/root/mnt/data`);
    assert.deepEqual([target.dev, target.ino, target.path], [dev, ino, '/mnt/data']);
    assert.deepEqual([target.fs, target.doubts], ['tmpfs', []]);
  });
});
