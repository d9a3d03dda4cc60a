import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSession } from '../../src/capture/live-source.ts';
import type { SourceRow } from '../../src/capture/ndjson-source.ts';
import { type SessionOptions, startSession } from '../../src/capture/session.ts';
import { fakeBpftrace, type Scenario, type Step } from '../fixtures/fake-bpftrace.ts';
import { rowText } from '../fixtures/rows.ts';

const HELLO: Step = { print: rowText('hello', { ts: 1e9 }) };
const HOOKS = [
  'fentry:lease_modify',
  'tracepoint:filelock:break_lease_block',
  'kprobe:__gup_longterm_locked',
];

/** A program is the list of its hooks. */
function compose(without: ReadonlySet<string>) {
  const hooks = HOOKS.filter((hook) => !without.has(hook));
  const leftOut = [...without].map((hook) => ({ path: 'lease', reason: `${hook} cannot be attached` }));
  return { program: hooks.join('\n'), probes: [{ path: 'lease', hooks }], leftOut, kinds: new Map() };
}

async function start(context: TestContext, scenario: Scenario, options: Partial<SessionOptions> = {}) {
  process.env.WHOPINS_BPFTRACE = await fakeBpftrace(context, scenario);
  const offers = { release: '6.12.0', bpftrace: 'v0.23.2', btf: null };
  return startSession({ offers, compose, command: null, pointers: 'raw', ...options });
}

async function started(context: TestContext, scenario: Scenario, options?: Partial<SessionOptions>) {
  const session = await start(context, scenario, options);
  assert.ok(session.ok, session.ok ? '' : session.error.message);
  context.after(() => session.value.stop());
  return session.value;
}

async function readAll(rows: AsyncIterable<readonly SourceRow[]>): Promise<SourceRow[]> {
  const all: SourceRow[] = [];
  for await (const batch of rows) all.push(...batch);
  return all;
}

describe('a session', () => {
  it('begins with hello, however slowly the probes attach, and ends with bye when it is asked to stop', async (t) => {
    const steps: Step[] = [
      { sleepMs: 300 },
      { print: '{"type": "attached_probes", "data": {"probes": 3}}' },
      HELLO,
    ];
    const session = await started(t, { steps });
    assert.equal(session.header.kernel, '6.12.0');
    assert.deepEqual(session.header.probes, [{ path: 'lease', hooks: HOOKS }]);
    session.stop();
    const rows = await readAll(session.rows);
    const last = rows.slice(-2).map((row) => row.text);
    assert.match(last[0] ?? '', /"bye"/);
    assert.match(last[1] ?? '', /@fired/);
    assert.equal((await session.ended).why, 'stopped');
  });

  it('ends though nobody reads what a flood left: a dashboard is quit in the middle of one', async (t) => {
    const flood = `${rowText('beat', { ts: 2e9 })}\n`.repeat(200_000);
    const session = await started(t, { steps: [HELLO, { write: flood }] });
    const source = readSession(session);
    for await (const _events of source.batches) break;
    const isClosed = await Promise.race([
      source.close().then(() => true),
      sleep(20_000, false, { ref: false }),
    ]);
    assert.equal(isClosed, true);
  });

  it('keeps rows whole that come in pieces, and goes on after rows that are none', async (t) => {
    const row = rowText('beat', { ts: 2e9, comm: 'ü' });
    const steps: Step[] = [
      HELLO,
      ...[...row].map((piece): Step => ({ write: piece })),
      { write: '\r\n' },
      { print: '{"type": "value", "data": ["be' },
      { print: 'null' },
      { print: '' },
      { print: '{"type": "lost_events", "data": {"events": 7}}' },
      { print: row },
      { exit: 0 },
    ];
    const rows = await readAll((await started(t, { steps })).rows);
    assert.deepEqual(
      rows.map(({ parsed }) => parsed.ok),
      [true, true, false, false, true, true],
    );
    assert.equal(rows[1]?.text, row);
  });

  it('keeps what came before bpftrace died in the middle of a row', async (t) => {
    const steps: Step[] = [HELLO, { print: rowText('beat') }, { write: '{"type": "val' }, { die: 'SIGKILL' }];
    const session = await started(t, { steps });
    const rows = await readAll(session.rows);
    assert.deepEqual(
      rows.map(({ parsed }) => parsed.ok),
      [true, true, false],
    );
    const exit = await session.ended;
    assert.equal(exit.why, 'killed');
    assert.equal(exit.signal, 'SIGKILL');
  });

  it('kills a bpftrace that does not stop', async (t) => {
    const limits = { stopMs: 200 };
    const session = await started(t, { steps: [HELLO], ignoresSigint: true }, { limits });
    session.stop();
    await readAll(session.rows);
    assert.equal((await session.ended).why, 'killed');
  });

  it('keeps the last lines of stderr as a diagnosis', async (t) => {
    const warnings = Array.from({ length: 60 }, (_, n): Step => ({ stderr: `line ${n}` }));
    const session = await started(t, { steps: [HELLO, ...warnings, { exit: 3 }] });
    await readAll(session.rows);
    const exit = await session.ended;
    assert.equal(exit.why, 'crashed');
    assert.equal(exit.exitCode, 3);
    assert.deepEqual([exit.stderr.length, exit.stderr.at(-1)], [50, 'line 59']);
  });
});

describe('a probe that cannot be attached', () => {
  it('is left out alone, and named', async (t) => {
    const steps: Step[] = [{ refuseHook: HOOKS[0] ?? '' }, { refuseHook: HOOKS[2] ?? '' }, HELLO];
    const progress: string[] = [];
    const session = await started(t, { steps }, { onProgress: (text) => progress.push(text) });
    assert.deepEqual(session.header.probes, [{ path: 'lease', hooks: [HOOKS[1]] }]);
    assert.deepEqual(
      session.header.left_out.map((gap) => gap.reason),
      [`${HOOKS[0]} cannot be attached`, `${HOOKS[2]} cannot be attached`],
    );
    assert.equal(progress.filter((text) => text.startsWith('attaching')).length, 3);
  });

  it('is named also when bpftrace goes on without it', async (t) => {
    const steps: Step[] = [{ stderr: `WARNING: could not attach probe ${HOOKS[1]}, skipping.` }, HELLO];
    const session = await started(t, { steps });
    assert.deepEqual(session.header.probes, [{ path: 'lease', hooks: [HOOKS[0], HOOKS[2]] }]);
    assert.deepEqual(session.header.left_out, [
      { path: 'lease', reason: `${HOOKS[1]} could not be attached` },
    ]);
  });

  it('ends the attempt when bpftrace does not say which one it is', async (t) => {
    const session = await start(t, { steps: [{ stderr: 'ERROR: Error attaching probe' }, { exit: 255 }] });
    assert.ok(!session.ok);
    assert.equal(session.error.why, 'attach-failed');
    assert.match(session.error.message, /^cannot trace: .*Error attaching probe.*--print-program$/);
  });
});

describe('a session that cannot begin', () => {
  const failure = async (t: TestContext, stderr: string) => {
    const session = await start(t, { steps: [{ stderr }, { exit: 1 }] });
    assert.ok(!session.ok);
    assert.ok(!session.error.message.includes('\n'));
    return session.error;
  };

  it('says so when there is no bpftrace', async () => {
    process.env.WHOPINS_BPFTRACE = '/no/such/bpftrace';
    const offers = { release: 'x', bpftrace: 'x', btf: null };
    const session = await startSession({ offers, compose, command: null, pointers: 'raw' });
    assert.ok(!session.ok);
    assert.equal(session.error.why, 'not-installed');
    assert.match(session.error.message, /install it/);
  });

  it('says so when the user is not root', async (t) => {
    const error = await failure(t, 'ERROR: bpftrace currently only supports running as the root user.');
    assert.equal(error.why, 'not-root');
    assert.match(error.message, /use sudo/);
  });

  it('says so when the kernel refuses BPF', async (t) => {
    const error = await failure(t, "ERROR: Error creating map: '@': Operation not permitted");
    assert.equal(error.why, 'refused');
    assert.match(error.message, /lockdown/);
  });

  it('gives up when nothing attaches in time', async (t) => {
    const session = await start(t, { steps: [{ sleepMs: 60_000 }] }, { limits: { readyMs: 100 } });
    assert.ok(!session.ok);
    assert.equal(session.error.why, 'too-slow');
  });

  it('gives up when the user interrupts', async (t) => {
    const session = await start(t, { steps: [{ sleepMs: 60_000 }] }, { signal: AbortSignal.timeout(100) });
    assert.ok(!session.ok);
    assert.equal(session.error.why, 'interrupted');
  });
});
