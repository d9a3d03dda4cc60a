/** `record` in parts, and until a rule is broken: the flight recorder. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fakeBpftrace, type Step } from '../fixtures/fake-bpftrace.ts';
import { readGoldens } from '../fixtures/golden.ts';
import { rowText } from '../fixtures/rows.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { READY, runWhopins, startWhopins, until } from '../fixtures/whopins.ts';

const HELLO: Step = { print: rowText('hello', { ts: 1e9 }) };

async function host(context: TestContext, steps: readonly Step[]) {
  return { ...READY, WHOPINS_BPFTRACE: await fakeBpftrace(context, { steps, beatMs: 100 }) };
}

async function place(context: TestContext): Promise<string> {
  return join(await temporaryDirectory(context), 'night.ndjson.gz');
}

describe('record --until', { concurrency: 2 }, () => {
  const story = readGoldens().find(({ name }) => name.startsWith('rdma-handed-over'));
  const steps: Step[] = (story?.rows ?? [])
    .filter((row) => !/"(?:bye|beat)"/.test(row))
    .map((print) => ({ print }));

  it('stops by itself when the rule is broken, says by what, exits 1, and keeps the recording', async (t) => {
    const path = await place(t);
    const words = [
      'record',
      '--no-walk',
      '-o',
      path,
      '--until',
      'no wait-cycle',
      '--until',
      'no holder-gone',
    ];
    const done = await runWhopins(words, await host(t, steps));
    assert.equal(done.code, 1);
    assert.match(done.stderr, /stopped, since a rule was broken: no holder-gone: .*exited/);
    const report = await runWhopins(['report', path]);
    assert.match(report.stdout, /holder-gone/);
  });

  it('refuses what is no rule, or none that can stop', async (t) => {
    const path = await place(t);
    for (const [rule, why] of [
      ['every pin', /cannot read the rule/],
      ['no pin left', /cannot tell when to stop/],
    ] as const) {
      const done = await runWhopins(['record', '-o', path, '--until', rule], await host(t, [HELLO]));
      assert.equal(done.code, 2);
      assert.match(done.stderr, why);
    }
  });
});

describe('record --max-time --keep', () => {
  it('keeps the last parts, and says which file it begins with', async (t) => {
    const path = await place(t);
    const directory = join(path, '..');
    const words = ['record', '--no-walk', '-o', path, '--max-time', '1s', '--keep', '2'];
    const running = startWhopins(words, await host(t, [HELLO]));
    await until(() => /recording to .*night-0001\.ndjson\.gz/.test(running.stderr()), 'it says so');
    let files: string[] = [];
    const look = setInterval(async () => {
      files = (await readdir(directory)).sort();
    }, 20);
    await until(() => files.includes('night-0004.ndjson.gz'), 'the fourth part begins');
    clearInterval(look);
    running.child.kill('SIGINT');
    assert.equal((await running.finished).code, 130);
    assert.ok((await readdir(directory)).length <= 3, 'a new part is there before the oldest goes');
    assert.ok(!(await readdir(directory)).includes('night-0001.ndjson.gz'));
  });

  it('wrong uses are refused in one line', async (t) => {
    const path = await place(t);
    for (const words of [
      ['--keep', '3'],
      ['--max-size', '10'],
      ['--max-time', '0s'],
      ['--max-size', '1M', '--keep', '0'],
    ]) {
      const done = await runWhopins(['record', '-o', path, ...words], await host(t, [HELLO]));
      assert.equal(done.code, 2, words.join(' '));
      assert.match(done.stderr, /^whopins: [^\n]+\n$/);
    }
    const done = await runWhopins(['record', '-o', '-', '--max-size', '1M'], await host(t, [HELLO]));
    assert.match(done.stderr, /standard output cannot be kept in parts/);
  });
});
