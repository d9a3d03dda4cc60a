/**
 * The readers on the /proc of the machine that the test runs on: a lease with two waiters, files that lost their name,
 * and mappings. The workloads are perl, which every Debian has.
 */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { open, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { execa, execaSync } from 'execa';
import { readBootNs } from '../../../src/capture/procfs/asleep-since.ts';
import { fileOfDescriptor } from '../../../src/capture/procfs/call-file.ts';
import { listDescriptors } from '../../../src/capture/procfs/descriptors.ts';
import { inodeKey } from '../../../src/capture/procfs/inode-id.ts';
import { readMappings } from '../../../src/capture/procfs/mappings.ts';
import { createMountTable } from '../../../src/capture/procfs/mounts.ts';
import { findOpeners, identifyPath } from '../../../src/capture/procfs/openers.ts';
import { walkProc } from '../../../src/capture/procfs/poor-walk.ts';
import { listPids, readTask, readTaskName } from '../../../src/capture/procfs/tasks.ts';
import type { RawRow } from '../../../src/event/encode.ts';
import type { RowKind } from '../../../src/event/schema.ts';
import { temporaryDirectory } from '../../fixtures/temporary.ts';
import { until } from '../../fixtures/whopins.ts';

const notLinux = process.platform === 'linux' ? false : 'needs Linux: it reads /proc';

function whyNoLease(): string | false {
  if (process.getuid?.() !== 0) return "needs root: another process's stack and memory are read";
  if (process.arch !== 'x64') return 'needs x86-64: system call numbers are known for it only';
  const missing = ['perl', 'taskset'].find(
    (program) => execaSync(program, ['--version'], { reject: false }).exitCode !== 0,
  );
  return missing === undefined
    ? false
    : `needs ${missing}: apt-get install ${missing === 'perl' ? 'perl-base' : 'util-linux'}`;
}

/** Runs a line of perl in `cwd` until the test ends; resolves when it has printed its first line. */
async function startPerl(t: TestContext, script: string, cwd: string): Promise<number> {
  const child = execa('perl', ['-e', `$| = 1; ${script}`], { cwd, reject: false, buffer: false });
  t.after(() => child.kill('SIGKILL'));
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await until(() => printed.includes('\n') || child.exitCode !== null, 'perl prints a line');
  assert.match(printed, /ready/);
  assert.ok(child.pid);
  return child.pid;
}

/** F_SETLEASE is 1024, F_WRLCK 1. The signal of a break is taken and not answered. */
const TAKE_LEASE =
  '$SIG{IO} = sub {}; open(F, "+<", "leased") or die; fcntl(F, 1024, 1) or die $!; print "ready\\n"; sleep 1 while 1';

describe('this machine', () => {
  it('tells a lease, the descriptor that carries it, and the two who wait for it', {
    skip: whyNoLease(),
  }, async (t) => {
    const dir = await temporaryDirectory(t);
    const path = join(dir, 'leased');
    await writeFile(path, '');
    const target = identifyPath(path, createMountTable());
    assert.ok(target);
    const before = readBootNs();
    const holder = await startPerl(t, TAKE_LEASE, dir);
    const cutter = await startPerl(t, 'print "ready\\n"; truncate("leased", 4096); sleep 100', dir);
    const opener = await startPerl(t, `print "ready\\n"; open(F, "<", "${path}"); sleep 100`, '/');

    let rows: readonly RawRow[] = [];
    const of = <K extends RowKind>(kind: K) =>
      rows.filter((row): row is RawRow<K> => row.kind === kind && 'ino' in row && row.ino === target.ino);
    for (let tries = 0; of('walk.waiting').length < 2 && tries < 40; tries += 1)
      rows = await walkProc({ target });

    const [lease] = of('walk.leased');
    assert.deepEqual([lease?.pid, lease?.comm, lease?.type], [holder, 'perl', 1]);
    const left = Number(lease?.left);
    assert.ok(left >= 0 && left <= 3_600_000, `the break has ${left} ms left`);
    const held = of('walk.held').find(({ file }) => file === lease?.file);
    assert.equal(held?.pid, holder);
    const told = new Map(of('walk.waiting').map((row) => [row.pid, row]));
    assert.deepEqual([told.get(cutter)?.op, told.get(cutter)?.detail], ['truncate', 'to 4096 bytes']);
    assert.deepEqual([told.get(opener)?.op, told.get(opener)?.detail], ['open', 'for reading']);
    for (const row of told.values()) {
      assert.deepEqual([row.on, row.where], ['lease-break', '__break_lease']);
      const since = Number(row.since);
      assert.ok(since >= before - 5e7 && since <= readBootNs() + 5e7, `asleep since ${since}`);
      assert.equal(row.source, "the call's arguments in /proc");
    }
    const names = of('walk.named').map((row) => row.path);
    assert.ok(names.includes(path) && names.every((name) => name === path), String(names));
  });

  it('finds a file by its inode when it was renamed and when its last name is gone', {
    skip: notLinux,
  }, async (t) => {
    const dir = await temporaryDirectory(t);
    const path = join(dir, 'we\nird');
    const file = await open(path, 'w');
    t.after(() => file.close());
    const mounts = createMountTable();
    const found = identifyPath(path, mounts);
    assert.ok(found);
    assert.equal(String(found.ino), String(statSync(path).ino));
    const wanted = new Set([inodeKey(found)]);
    const openers = () => findOpeners(listDescriptors(process.pid), wanted, mounts);
    assert.deepEqual(
      openers().map(({ fd, path: name }) => [fd, name]),
      [[file.fd, path]],
    );
    await rename(path, `${path}2`);
    assert.deepEqual(
      openers().map(({ path: name }) => name),
      [`${path}2`],
    );
    await unlink(`${path}2`);
    assert.deepEqual(
      openers().map(({ isDeleted }) => isDeleted),
      [true],
    );
    assert.equal(fileOfDescriptor(process.pid, file.fd, mounts)?.ino, found.ino);
  });

  it('finds the mappings of its own program', { skip: notLinux }, async () => {
    const found = identifyPath(process.execPath, createMountTable());
    const read = await readMappings(process.pid);
    assert.ok(found && read.ok);
    const mine = read.mappings.filter((mapping) => inodeKey(mapping) === inodeKey(found));
    assert.ok(mine.some(({ offset, bytes }) => offset === 0 && bytes > 0));
  });

  it('takes processes that are gone for what they are', { skip: notLinux }, async () => {
    // One more than the largest pid that Linux gives (PID_MAX_LIMIT, include/linux/threads.h).
    const pid = 2 ** 22 + 1;
    assert.equal(readTask(pid), null);
    assert.equal(readTaskName(pid), '');
    assert.deepEqual(listDescriptors(pid), []);
    assert.deepEqual(await readMappings(pid), { ok: true, mappings: [] });
    assert.ok(listPids().includes(process.pid));
    assert.equal(readTask(process.pid)?.parent, process.ppid);
  });
});
