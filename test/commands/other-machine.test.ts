/** `live --on` and `record --on`: what is traced there, what is said of it, and that nothing stays behind. */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fakeBpftrace, type Step } from '../fixtures/fake-bpftrace.ts';
import { rowText } from '../fixtures/rows.ts';
import {
  localSshd,
  processesWith,
  refusingSsh,
  standInSsh,
  whyNoRemote,
  whyNoSshd,
} from '../fixtures/ssh.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { until as poll, runWhopins, startWhopins } from '../fixtures/whopins.ts';

const STEPS: readonly Step[] = [
  { print: rowText('hello', { ts: 1e9, comm: 'bpftrace' }) },
  { print: rowText('lease.added', { ts: 2e9, pid: 40, comm: 'holder' }) },
];

/** No bpftrace here: what is traced must be traced there. */
const NOT_HERE = { WHOPINS_BPFTRACE: '/nonexistent/bpftrace' };

/** A kernel is read through pipes first, some megabytes of it. */
const until = (condition: () => boolean, what: string) => poll(condition, what, 120_000);

async function there(context: TestContext, programs: Readonly<Record<string, string>> = {}) {
  const bpftrace = await fakeBpftrace(context, { steps: STEPS, beatMs: 50 });
  const env = { ...NOT_HERE, WHOPINS_SSH: await standInSsh(context, { bpftrace, programs }) };
  // The scenario lies beside the program; its path is in the command line.
  return { env, runs: () => processesWith(dirname(bpftrace)).length > 0 };
}

describe('another machine', { skip: whyNoRemote(), concurrency: 4 }, () => {
  it('is shown as it happens, until stopped, and what is not known of it is said', async (t) => {
    const { env, runs } = await there(t);
    const running = startWhopins(['live', '--json', '--on', 'there'], env);
    await until(() => running.stdout().includes('"lease.added"'), 'the lease is shown');
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.finished;
    assert.equal(code, 130);
    assert.match(
      stderr,
      /^whopins: there is seen from now on only; what was held there before is not known.*\n$/,
    );
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(rows[0].not_covered.some((gap: { path: string }) => gap.path === 'walk'));
    assert.deepEqual(
      rows.slice(-2).map((row) => row.kind),
      ['bye', 'stream.fired'],
    );
    assert.equal(runs(), false);
  });

  it('is recorded, and its recording is complete', async (t) => {
    const { env } = await there(t);
    const output = join(await temporaryDirectory(t), 'there.ndjson.gz');
    const running = startWhopins(['record', '-o', output, '--on', 'there'], env);
    await until(() => running.stderr().includes('recording to'), 'it records');
    running.child.kill('SIGTERM');
    assert.equal((await running.finished).code, 143);
    const report = await runWhopins(['report', '--json', output]);
    const { complete, not_covered } = JSON.parse(report.stdout);
    assert.equal(complete, true);
    assert.ok(not_covered.some((gap: { path: string }) => gap.path === 'walk'));
  });

  it('is left alone by a whopins that was killed', async (t) => {
    const { env, runs } = await there(t);
    const running = startWhopins(['live', '--json', '--on', 'there'], env);
    await until(() => running.stdout().includes('"lease.added"'), 'the lease is shown');
    assert.ok(runs());
    running.child.kill('SIGKILL');
    await running.finished;
    await until(() => !runs(), 'bpftrace over there has ended');
  });

  it('is traced by sudo where the login is not root; a sudo that asks is a reason', async (t) => {
    const isUser = 'test "$1" = -u && echo 1000';
    const willing = await there(t, { id: isUser, sudo: 'test "$1" = -n && shift && exec "$@"' });
    const running = startWhopins(['live', '--json', '--on', 'me@there'], willing.env);
    await until(() => running.stdout().includes('"lease.added"'), 'the lease is shown');
    running.child.kill('SIGINT');
    assert.equal((await running.finished).code, 130);
    const asking = await there(t, { id: isUser, sudo: 'echo sudo: a password is required >&2; exit 1' });
    const { code, stderr } = await runWhopins(['live', '--json', '--on', 'me@there'], asking.env);
    assert.equal(code, 3);
    assert.match(
      stderr,
      /^whopins: cannot trace me@there: .*\(sudo: a password is required\); use root@there.*\n$/,
    );
  });

  it('needs a bpftrace', async (t) => {
    const { env } = await there(t, {});
    const without = { ...env, WHOPINS_SSH: await standInSsh(t, { bpftrace: '/bin/false' }) };
    const { code, stderr } = await runWhopins(['live', '--json', '--on', 'there'], without);
    assert.equal(code, 3);
    assert.match(stderr, /^whopins: cannot trace there: there is no bpftrace on it; install .*\n$/);
  });

  it('is traced through a real sshd', { skip: whyNoSshd() }, async (t) => {
    const bpftrace = await fakeBpftrace(t, { steps: STEPS, beatMs: 50 });
    const env = { ...NOT_HERE, WHOPINS_SSH: await localSshd(t, { bpftrace }) };
    const runs = () => processesWith(dirname(bpftrace)).length > 0;
    const stopped = startWhopins(['live', '--json', '--on', 'there'], env);
    await until(() => stopped.stdout().includes('"lease.added"'), `the lease is shown ${stopped.stderr()}`);
    stopped.child.kill('SIGINT');
    const { code, stdout } = await stopped.finished;
    assert.equal(code, 130);
    assert.match(stdout, /"bye"/);
    await until(() => !runs(), 'bpftrace over there has ended');
    const killed = startWhopins(['live', '--json', '--on', 'there'], env);
    await until(() => killed.stdout().includes('"lease.added"'), 'the lease is shown again');
    killed.child.kill('SIGKILL');
    await killed.finished;
    await until(() => !runs(), 'bpftrace over there has ended, though nobody stopped it');
  });
});

describe('another machine that is not reached', { concurrency: 4 }, () => {
  for (const [words, said] of [
    ['ssh: Could not resolve hostname there: Name or service not known', /check the name/],
    ['ssh: connect to host there port 22: Connection timed out', /sshd can be reached/],
    ['root@there: Permission denied (publickey).', /ssh-copy-id root@there/],
    ['Host key verification failed.', /ssh root@there/],
    ['@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.', /find out why/],
  ] as const) {
    it(`is told in one line: ${words.split('\n')[0]}`, async (t) => {
      const env = { WHOPINS_SSH: await refusingSsh(t, words) };
      const { code, stdout, stderr } = await runWhopins(['live', '--plain', '--on', 'root@there'], env);
      assert.deepEqual([code, stdout], [3, '']);
      assert.match(stderr, /^whopins: cannot trace root@there: .*\n$/);
      assert.match(stderr, said);
    });
  }

  it('needs an ssh', async () => {
    const { code, stderr } = await runWhopins(['live', '--plain', '--on', 'there'], {
      WHOPINS_SSH: '/nonexistent/ssh',
    });
    assert.equal(code, 3);
    assert.match(stderr, /^whopins: .* there is no ssh here; install it.*\n$/);
  });

  for (const [words, said] of [
    [['live', '--on', '-oProxyCommand=touch /x'], /Give a machine/],
    [['live', '--on', 'there', '--path', '/etc/passwd'], /--path can only be looked up on this machine/],
    [['live', '--on', 'there', '--device', '/home'], /give its numbers/],
    [['record', '-o', '-', '--on', 'there', '--', 'true'], /would run here/],
    [['record', '-o', '-', '--on', 'there', '--walk-every', '5'], /walk-every/],
  ] as const) {
    it(`is not asked for what only works here: ${words.slice(1).join(' ')}`, async (t) => {
      const env = { WHOPINS_SSH: await refusingSsh(t, 'it was asked') };
      const { code, stderr } = await runWhopins(words, env);
      assert.equal(code, 2);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /it was asked/);
    });
  }
});
