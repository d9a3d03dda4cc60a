/** check on recordings of real kernels, and on a made-up host. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fakeBpftrace, type Scenario, type Step } from '../fixtures/fake-bpftrace.ts';
import { rowText } from '../fixtures/rows.ts';
import { READY, runWhopins, startWhopins, until } from '../fixtures/whopins.ts';

const RDMA = fileURLToPath(new URL('../recordings/rdma-handed-over.6.12.ndjson.gz', import.meta.url));
const LEASE = fileURLToPath(new URL('../recordings/lease-break.7.3.ndjson.gz', import.meta.url));

const HELLO: Step = { print: rowText('hello', { ts: 1e9, comm: 'bpftrace' }) };
const FILE = { file: 7, dev: 26, ino: 2 };
const HOLDER = { pid: 40, tid: 40, comm: 'holder' };
const LEASED: Step = {
  print: rowText('lease.added', { ts: 2e9, ...HOLDER, ...FILE, owner: 9, flags: 32, type: 1, fd: 3 }),
};

async function host(context: TestContext, scenario: Scenario) {
  return { ...READY, WHOPINS_BPFTRACE: await fakeBpftrace(context, scenario) };
}

describe('check on a recording', { concurrency: 4 }, () => {
  it('exits 0 where all rules are kept, and says what was seen', async () => {
    const { code, stdout, stderr } = await runWhopins(['check', LEASE, 'max break 5s', 'no zombie-lease']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^kept {6}max break 5s\n {10}- the only one took /);
  });

  it('exits 1 where one is broken, and says why', async () => {
    const { code, stdout } = await runWhopins(['check', RDMA, 'no zombie-lease', 'no freed-under-pin']);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^broken {4}no freed-under-pin\n {10}- freed-under-pin: \/dev\/shm\/data: truncate by/,
    );
    const short = await runWhopins(['check', LEASE, 'max break 1ms']);
    assert.equal(short.code, 1);
  });

  it('answers as JSON and as JUnit XML', async () => {
    const json = await runWhopins(['check', RDMA, 'no freed-under-pin', '--json']);
    assert.equal(json.code, 1);
    const { outcome, rules, complete, rows } = JSON.parse(json.stdout);
    assert.deepEqual([outcome, complete, rows.lost], ['broken', true, 0]);
    assert.equal(rules[0].findings[0].id, 'freed-under-pin');
    const junit = await runWhopins(['check', RDMA, 'no freed-under-pin', '--junit']);
    assert.equal(junit.code, 1);
    assert.match(junit.stdout, /^<\?xml [\s\S]*failures="1"[\s\S]*<failure type="definite"/);
  });

  it('exits 2 on what it cannot read as a rule, and 4 on what is no recording', async () => {
    const cases = [
      [['check'], 2, /needs a recording or --live/],
      [['check', RDMA], 2, /needs a rule/],
      [['check', RDMA, 'no zombies'], 2, /cannot read the rule 'no zombies'/],
      [['check', RDMA, 'no zombie-lease', '--for', '5s'], 2, /--for .* needs --live/],
      [['check', '--live', 'no zombie-lease', '--for', 'ever'], 2, /--for takes a time/],
      [['check', '--live', '--for', '5s', 'no zombie-lease', '--', 'true'], 2, /give one of them/],
      [['check', RDMA, 'no zombie-lease', '--json', '--junit'], 2, /cannot be used with/],
      [['check', '/dev/null', 'no zombie-lease'], 4, /\/dev\/null/],
    ] as const;
    await Promise.all(
      cases.map(async ([words, expected, said]) => {
        const { code, stdout, stderr } = await runWhopins(words);
        assert.deepEqual([code, stdout], [expected, ''], words.join(' '));
        assert.match(stderr, said);
        assert.match(stderr, /^whopins: [^\n]*\n$/);
      }),
    );
  });
});

describe('check on this host', { concurrency: 4 }, () => {
  it('judges while a command runs, and passes on its output', async (t) => {
    const env = await host(t, { steps: [HELLO, LEASED], beatMs: 50 });
    const words = ['check', 'no lease left', '--', 'sh', '-c', 'echo out; echo --json; exit 0'];
    const { code, stdout } = await runWhopins(words, env);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^out\n--json\nbroken {4}no lease left\n {10}- write lease of holder\[40\]: .* so far/,
    );
    const json = await runWhopins(['check', '--json', ...words.slice(1)], env);
    assert.equal(JSON.parse(json.stdout).outcome, 'broken');
    assert.match(json.stderr, /^out\n--json\n/);
  });

  it("passes on the command's failure where no rule is broken", async (t) => {
    const env = await host(t, { steps: [HELLO, LEASED], beatMs: 50 });
    const { code } = await runWhopins(['check', 'no lease-break-timeout', '--', 'sh', '-c', 'exit 7'], env);
    assert.equal(code, 7);
  });

  it('judges after a time', async (t) => {
    const env = await host(t, { steps: [HELLO, LEASED], beatMs: 50 });
    const { code, stdout, stderr } = await runWhopins(
      ['check', '--live', '--for', '300ms', 'no lease-break-timeout'],
      env,
    );
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^kept {6}no lease-break-timeout/);
  });

  it('cannot judge what is not traced here: exit 3', async (t) => {
    const env = await host(t, { steps: [HELLO], beatMs: 50 });
    const { code, stdout } = await runWhopins(
      ['check', '--live', '--for', '100ms', 'no freed-under-pin'],
      env,
    );
    assert.equal(code, 3);
    assert.match(stdout, /^unknown {3}no freed-under-pin\n {10}- not traced here: pin and truncate\n/);
  });

  it('judges what it saw when it is stopped', async (t) => {
    const env = await host(t, { steps: [HELLO, LEASED], beatMs: 50 });
    const running = startWhopins(['check', '--live', 'no lease left', 'no lease-break-timeout'], env);
    await until(() => running.stderr().includes('tracing;'), 'it traces');
    running.child.kill('SIGINT');
    const { code, stdout } = await running.finished;
    assert.equal(code, 1);
    assert.match(stdout, /^broken {4}no lease left[\s\S]*\nkept {6}no lease-break-timeout/);
    const kept = startWhopins(['check', '--live', 'no lease-break-timeout'], env);
    await until(() => kept.stderr().includes('tracing;'), 'it traces');
    kept.child.kill('SIGINT');
    assert.equal((await kept.finished).code, 130);
  });

  it('judges what it saw before bpftrace died', async (t) => {
    const dying = await host(t, { steps: [HELLO, LEASED, { exit: 5 }] });
    const died = await runWhopins(['check', '--live', 'no lease-break-timeout'], dying);
    assert.equal(died.code, 3);
    assert.match(died.stdout, /^kept {6}no lease-break-timeout \(likely\)/);
    assert.match(died.stderr, /tracing ended early: bpftrace ended with exit code 5/);
  });
});
