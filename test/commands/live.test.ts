import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fakeBpftrace, type Scenario, type Step } from '../fixtures/fake-bpftrace.ts';
import { rowText } from '../fixtures/rows.ts';
import { walkOf } from '../fixtures/walks.ts';
import { READY, runWhopins, startWhopins, until, writeWalk } from '../fixtures/whopins.ts';

const HELLO: Step = { print: rowText('hello', { ts: 1e9, comm: 'bpftrace' }) };

async function host(context: TestContext, scenario: Scenario) {
  return { ...READY, WHOPINS_BPFTRACE: await fakeBpftrace(context, scenario) };
}

describe('live', { concurrency: 4 }, () => {
  it('prints events as they come, until it is stopped', async (t) => {
    const lease: Step = { print: rowText('lease.added', { ts: 2e9, pid: 40, comm: 'holder' }) };
    const running = startWhopins(['live', '--json'], await host(t, { steps: [HELLO, lease], beatMs: 50 }));
    await until(() => running.stdout().includes('"lease.added"'), 'the lease is shown while tracing goes on');
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.finished;
    assert.deepEqual([code, stderr], [130, '']);
    const kinds = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).kind);
    assert.deepEqual(
      [...kinds.slice(0, 2), ...kinds.slice(-2)],
      ['stream.header', 'hello', 'bye', 'stream.fired'],
    );
  });

  it('prints them as text', async (t) => {
    const steps: Step[] = [
      HELLO,
      { print: rowText('task.exited', { ts: 2e9, pid: 7, tid: 7, comm: 'a\u001b[1mb' }) },
    ];
    const running = startWhopins(['live', '--plain'], await host(t, { steps, beatMs: 50 }));
    await until(() => running.stdout().includes('[7]'), 'the exit is shown');
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.finished;
    assert.equal(code, 143);
    assert.match(stdout, /1\.000000 +a\\x1b\[1mb\[7\]/);
  });

  it('begins with a walk, unless told not to', async (t) => {
    const look = walkOf(1.5e9, [['walk.leased', { lease: -64, dev: 26, ino: 2, pid: 40 }]]);
    const env = {
      ...(await host(t, { steps: [HELLO], beatMs: 50 })),
      FAKE_WALK: await writeWalk(t, { looks: [look] }),
    };
    const walking = startWhopins(['live', '--json'], env);
    await until(() => walking.stdout().includes('"walk.ended"'), 'the walk is shown');
    walking.child.kill('SIGINT');
    assert.match((await walking.finished).stdout, /"hello"[\s\S]*"walk\.leased"[\s\S]*"beat"/);
    const tracing = startWhopins(['live', '--json', '--no-walk'], env);
    await until(() => tracing.stdout().includes('"beat"'), 'a beat is shown');
    tracing.child.kill('SIGINT');
    assert.doesNotMatch((await tracing.finished).stdout, /"walk/);
  });

  it('stops in order while it walks', async (t) => {
    const env = {
      ...(await host(t, { steps: [HELLO], beatMs: 50 })),
      FAKE_WALK: await writeWalk(t, { looks: [], takesMs: 60_000 }),
    };
    const running = startWhopins(['live', '--json'], env);
    await until(() => running.stdout().includes('"stream.header"'), 'it runs');
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.finished;
    assert.deepEqual([code, stderr], [130, '']);
    assert.match(stdout, /"bye"/);
  });

  it('keeps what it printed when bpftrace dies, says so, and exits 3', async (t) => {
    const env = await host(t, { steps: [HELLO, { stderr: 'out of luck' }, { exit: 5 }] });
    const { code, stdout, stderr } = await runWhopins(['live', '--plain'], env);
    assert.equal(code, 3);
    assert.match(stdout, /tracing begins/);
    assert.match(
      stderr,
      /^whopins: tracing ended early: bpftrace ended with exit code 5; it last said: out of luck; [^\n]*\n$/,
    );
  });

  it('ends quietly when nobody reads on', async (t) => {
    const running = startWhopins(['live', '--json'], await host(t, { steps: [HELLO], beatMs: 50 }));
    await until(() => running.stdout().includes('"beat"'), 'a beat is shown');
    running.child.stdout.destroy();
    const { code, stderr } = await running.finished;
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('says in one line why this host cannot be traced', async () => {
    const env = { FAKE_HOST: 'Tracing needs bpftrace. Install it: apt install bpftrace' };
    const { code, stdout, stderr } = await runWhopins(['live', '--plain'], env);
    assert.deepEqual([code, stdout], [3, '']);
    assert.equal(stderr, 'whopins: Tracing needs bpftrace. Install it: apt install bpftrace\n');
  });

  it('says in one line that the kernel refuses BPF', async (t) => {
    const refusal: Step = { stderr: 'ERROR: Could not create map @fired: Operation not permitted' };
    const env = await host(t, { steps: [refusal, { exit: 1 }] });
    const { code, stderr } = await runWhopins(['live', '--plain'], env);
    assert.equal(code, 3);
    assert.match(stderr, /^whopins: cannot trace: this kernel refuses BPF programs [^\n]*\n$/);
  });
});

describe('whopins alone', { concurrency: 4 }, () => {
  it('traces where this user can', async (t) => {
    const running = startWhopins([], await host(t, { steps: [HELLO], beatMs: 50 }));
    await until(() => running.stdout().includes('tracing begins'), 'it traces');
    running.child.kill('SIGINT');
    assert.equal((await running.finished).code, 130);
  });

  it('otherwise shows the bundled recording, and says in one line that it does and what tracing needs', async () => {
    const { code, stdout, stderr } = await runWhopins([], {
      FAKE_HOST: 'Tracing needs root. Use sudo.',
    });
    assert.equal(
      stderr,
      'whopins: This is a bundled recording, not this host. Tracing needs root. Use sudo.\n',
    );
    assert.equal(code, 0);
    assert.match(stdout, /pinned/);
  });
});
