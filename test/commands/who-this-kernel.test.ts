/**
 * `whopins who` on the kernel that the test runs on: a process has a lease, another waits for it. Where BPF cannot look
 * into the kernel's objects, /proc must tell as much. Looking must not break the lease.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import type { WhoAnswer } from '../../src/model/answer.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { until } from '../fixtures/whopins.ts';

const WHOPINS = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));

function whyNot(): string | false {
  if (process.getuid?.() !== 0) return 'needs root: others may not look at the objects of other processes';
  const gcc = execaSync('gcc', ['--version'], { reject: false });
  return gcc.exitCode === 0 ? false : 'needs gcc: apt-get install gcc libc6-dev';
}

/** Takes a lease on its argument and keeps it, whoever asks for it, until it is killed. */
const KEEPER = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int fd = open(argv[argc - 1], O_RDWR);
  signal(SIGIO, SIG_IGN);
  if (fd < 0 || fcntl(fd, F_SETLEASE, F_WRLCK)) { perror("lease"); return 1; }
  printf("%d\\n", fd);
  fflush(stdout);
  for (;;) pause();
}`;

/** A file with a lease of a process that does not give it up. */
async function leasedFile(t: TestContext) {
  const directory = await temporaryDirectory(t);
  const at = (name: string) => join(directory, name);
  await writeFile(at('keeper.c'), KEEPER);
  await execa('gcc', ['-o', at('keeper'), at('keeper.c')]);
  await writeFile(at('data'), 'x');
  const keeper = execa(at('keeper'), [at('data')], { reject: false });
  t.after(() => keeper.kill('SIGKILL'));
  let told = '';
  keeper.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  await until(() => told !== '' || keeper.exitCode !== null, 'the lease is taken');
  return { path: at('data'), keeper, fd: Number(told) };
}

async function ask(path: string): Promise<WhoAnswer> {
  const { stdout } = await execa(process.execPath, [WHOPINS, 'who', path, '--json']);
  return JSON.parse(stdout);
}

test('who holds a lease, and does not lose it by being asked about', { skip: whyNot() }, async (t) => {
  const { path, keeper, fd } = await leasedFile(t);
  for (const _time of ['first', 'second']) {
    const { target, holders, operations } = await ask(path);
    assert.equal(target.path, path);
    const [lease] = holders.filter((holder) => holder.kind === 'lease');
    assert.ok(lease, JSON.stringify(holders));
    assert.deepEqual([lease.lease.type, lease.lease.state, lease.origin], ['write', 'active', 'snapshot']);
    assert.deepEqual(
      lease.held_by.map((held) => [held.pid, held.fds]),
      [[keeper.pid, [fd]]],
    );
    assert.deepEqual(operations, []);
  }
});

test('who waits for a lease, and for whom', { skip: whyNot() }, async (t) => {
  const { path, keeper } = await leasedFile(t);
  const opener = execa('cat', [path], { reject: false });
  t.after(() => opener.kill('SIGKILL'));
  let answer = await ask(path);
  // A look may come before the call has fallen asleep.
  for (let tries = 0; answer.operations[0]?.op !== 'open' && tries < 20; tries++) answer = await ask(path);
  const [open] = answer.operations;
  assert.deepEqual([open?.op, open?.pid, open?.state], ['open', opener.pid, 'waiting']);
  assert.deepEqual([open?.waits[0]?.on, open?.waits[0]?.blockers], ['lease-break', [keeper.pid]]);
  assert.notDeepEqual(answer.to_free, []);

  const all = await execa(process.execPath, [WHOPINS, 'who']);
  assert.ok(all.stdout.includes(path), all.stdout);

  const watching = execa(process.execPath, [WHOPINS, 'who', path, '--watch', '0.2']);
  let shown = '';
  watching.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  await until(() => shown.includes(`cat[${opener.pid}]`), 'the wait is shown');
  keeper.kill('SIGKILL');
  const { exitCode, stderr } = await watching;
  assert.equal(exitCode, 0);
  assert.match(stderr, /nothing is seen to wait any more$/);
});
