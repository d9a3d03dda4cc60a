/**
 * `whopins live --plain` on the kernel that the test runs on, with the bpftrace of its distribution.
 *
 * It is bounded, makes its own lease break with the story's workload, and looks at that workload's processes only. On a
 * kernel without kprobes and fentry this shows what tracepoints alone can tell; on a better one it must tell it too.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { until } from '../fixtures/whopins.ts';
import { parseTruth } from '../lab/judge.ts';
import type { TruthRow } from '../lab/story.ts';

const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

function whyNot(): string | false {
  if (process.getuid?.() !== 0) return 'needs root: bpftrace may not load programs for this user';
  for (const [program, remedy] of [
    ['bpftrace', 'apt-get install bpftrace'],
    ['gcc', 'apt-get install gcc libc6-dev'],
    ['truncate', 'apt-get install coreutils'],
  ] as const) {
    if (execaSync(program, ['--version'], { reject: false }).exitCode !== 0)
      return `needs ${program}: ${remedy}`;
  }
  return false;
}

/** Plays the lease-break story in `dir`; returns what it told. */
async function playLeaseBreak(dir: string): Promise<TruthRow[]> {
  const program = join(dir, 'lease-break');
  await execa('gcc', ['-o', program, inRoot('test/stories/lease-break.c')]);
  const { stdout } = await execa(program, [], { env: { LAB_EXT4: dir } });
  return parseTruth(stdout);
}

/** The pid of the one row that tells this. */
function pidWho(truth: readonly TruthRow[], did: string): number {
  const row = truth.find((candidate) => candidate.did === did);
  assert.ok(row, `the workload told of ${did}`);
  return row.pid;
}

async function traceThisKernel(t: TestContext) {
  const tracing = execa(process.execPath, [inRoot('dist/src/cli.js'), 'live', '--plain'], {
    reject: false,
    buffer: false,
  });
  t.after(() => tracing.kill('SIGKILL'));
  let shown = '';
  tracing.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  await until(() => shown.includes('tracing begins') || tracing.exitCode !== null, 'tracing begins');
  const linesOf = (pid: number) => shown.split('\n').filter((line) => line.includes(`[${pid}]`));
  return { tracing, linesOf, shown: () => shown };
}

test('a lease taken, a lease broken with its wait, and a truncate', { skip: whyNot() }, async (t) => {
  const dir = await temporaryDirectory(t);
  const { tracing, linesOf, shown } = await traceThisKernel(t);
  const truth = await playLeaseBreak(dir);
  const file = join(dir, 'cut');
  const cut = execa('truncate', ['-s', '4096', file]);
  await cut;
  const holder = pidWho(truth, 'lease-taken');
  const opener = pidWho(truth, 'open-began');
  await until(
    () => linesOf(cut.pid ?? 0).some((line) => line.includes('truncate ended')),
    'the truncate is shown',
  );
  tracing.kill('SIGINT');
  assert.equal((await tracing).exitCode, 130);

  const holderLines = linesOf(holder).join('\n');
  assert.match(holderLines, /lease added: write lease on .*, fd \d+/);
  assert.match(holderLines, /lease released by unlock: write lease/);

  const openerLines = linesOf(opener).join('\n');
  const blocked = /([\d.]+) {2}\S+ {2}lease break has to wait/.exec(openerLines)?.[1];
  const ended = /([\d.]+) {2}\S+ {2}lease break ended with 0/.exec(openerLines)?.[1];
  const waited = truth.find((row) => row.did === 'open-ended')?.waited_ms;
  assert.ok(typeof waited === 'number');
  const seenMs = (Number(ended) - Number(blocked)) * 1000;
  assert.ok(Math.abs(seenMs - waited) < 250, `the workload waited ${waited} ms, whopins says ${seenMs}`);
  assert.match(openerLines, /open returned \d+/);

  assert.match(linesOf(cut.pid ?? 0).join('\n'), /truncate began: .*to 4096 bytes/);

  const hasFentry = existsSync('/sys/kernel/tracing/available_filter_functions');
  const gaps =
    shown().match(/^not covered: (pin|vmsplice|rdma-region|fd-passing|final-close): .+\(.+\)$/gm) ?? [];
  if (!hasFentry)
    assert.equal(gaps.length, 5, `what it cannot see is named, with the reason:\n${shown().slice(0, 2000)}`);
});
