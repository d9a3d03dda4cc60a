import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { Event } from '../../src/event/event.ts';
import { fakeBpftrace, type Scenario, type Step } from '../fixtures/fake-bpftrace.ts';
import { eventsOf } from '../fixtures/recordings.ts';
import { rowText } from '../fixtures/rows.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { walkOf } from '../fixtures/walks.ts';
import { ASKED, isAlive, READY, runWhopins, startWhopins, until, writeWalk } from '../fixtures/whopins.ts';

const HELLO: Step = { print: rowText('hello', { ts: 1e9 }) };
const run = promisify(execFile);

async function host(context: TestContext, scenario: Scenario) {
  return { ...READY, WHOPINS_BPFTRACE: await fakeBpftrace(context, scenario) };
}

async function place(context: TestContext): Promise<string> {
  return join(await temporaryDirectory(context), 'a.ndjson.gz');
}

async function linesOf(path: string): Promise<string[]> {
  return gunzipSync(await readFile(path))
    .toString()
    .trimEnd()
    .split('\n');
}

async function endingOf(path: string): Promise<Record<string, unknown>> {
  return JSON.parse((await linesOf(path)).at(-1) ?? '');
}

async function kindsOf(path: string): Promise<Event['kind'][]> {
  return (await eventsOf(path)).map((event) => event.kind);
}

describe('record -- COMMAND', { concurrency: 4 }, () => {
  it('starts it once probes are attached, passes its output and exit code on, and ends after it', async (t) => {
    const path = await place(t);
    const env = await host(t, { steps: [{ sleepMs: 200 }, HELLO] });
    const script = 'echo out; echo err >&2; exit 7';
    const done = await runWhopins(['record', '-o', path, '--', 'sh', '-c', script], env);
    assert.deepEqual([done.code, done.stdout, done.stderr], [7, 'out\n', 'err\n']);
    const ending = await endingOf(path);
    assert.deepEqual([ending.complete, ending.command_exit], [true, 7]);
    assert.equal(typeof ending.command_pid, 'number');
    const kinds = await kindsOf(path);
    assert.deepEqual([kinds[0], ...kinds.slice(-2)], ['hello', 'bye', 'stream.fired']);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('reads standard output of zcat and jq alike', async (t) => {
    const path = await place(t);
    await runWhopins(['record', '-o', path, '--', 'true'], await host(t, { steps: [HELLO] }));
    const { stdout } = await run('zcat', [path]);
    for (const line of stdout.trimEnd().split('\n')) JSON.parse(line);
    const header = JSON.parse(stdout.split('\n')[0] ?? '');
    assert.deepEqual([header.whopins, header.kernel, header.command], ['header', '6.12.0-fake', ['true']]);
  });

  it('keeps rows that come late, after the command has ended', async (t) => {
    const late: Step[] = [HELLO, { sleepMs: 1000 }, { print: rowText('file.finalClosed', { ts: 2e9 }) }];
    const path = await place(t);
    await runWhopins(['record', '-o', path, '--', 'sleep', '0.3'], await host(t, { steps: late }));
    assert.ok((await kindsOf(path)).includes('file.finalClosed'));
  });

  it('says as a shell would that a command cannot be run', async (t) => {
    const done = await runWhopins(
      ['record', '-o', await place(t), '--', '/no/such/command'],
      await host(t, { steps: [HELLO] }),
    );
    assert.equal(done.code, 127);
    assert.equal(done.stderr, 'whopins: cannot run /no/such/command\n');
  });

  it('gives the command 128 + the signal that ended it', async (t) => {
    const done = await runWhopins(
      ['record', '-o', await place(t), '--', 'sh', '-c', 'kill -KILL $$'],
      await host(t, { steps: [HELLO] }),
    );
    assert.equal(done.code, 137);
  });

  it('takes options of the command for its own', async (t) => {
    const done = await runWhopins(
      ['record', '-o', await place(t), 'echo', '--json', '-x'],
      await host(t, { steps: [HELLO] }),
    );
    assert.deepEqual([done.code, done.stdout], [0, '--json -x\n']);
  });
});

describe('record until stopped', { concurrency: 4 }, () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`ends in order on ${signal}: last rows, ending, exit ${code}, no bpftrace left`, async (t) => {
      const path = await place(t);
      const running = startWhopins(['record', '-o', path], await host(t, { steps: [HELLO], beatMs: 50 }));
      await untilWritten(path);
      running.child.kill(signal);
      const done = await running.finished;
      assert.deepEqual(
        [done.code, done.stderr],
        [code, `whopins: recording to ${path}; Ctrl-C or SIGTERM stops it\n`],
      );
      assert.equal((await endingOf(path)).complete, true);
      assert.deepEqual((await kindsOf(path)).slice(-2), ['bye', 'stream.fired']);
    });
  }

  it('says when it records, for whoever starts something then', async (t) => {
    const path = await place(t);
    const running = startWhopins(['record', '-o', path], await host(t, { steps: [{ sleepMs: 300 }, HELLO] }));
    await until(() => /recording to/.test(running.stderr()), 'it says that it records');
    await assert.doesNotReject(kindsOf(path), 'the header is on disk by then');
    running.child.kill('SIGINT');
    await running.finished;
  });

  it('stops while the probes are being attached, and leaves nothing behind', async (t) => {
    const path = await place(t);
    const running = startWhopins(['record', '-o', path], await host(t, { steps: [{ sleepMs: 60_000 }] }));
    await until(() => childrenOf(running.child.pid).length > 0, 'bpftrace starts');
    const [bpftrace = 0] = childrenOf(running.child.pid);
    running.child.kill('SIGINT');
    const done = await running.finished;
    assert.equal(done.code, 130);
    assert.match(done.stderr, /^whopins: interrupted while the probes were being attached[^\n]*\n$/);
    assert.equal(isAlive(bpftrace), false);
    await assert.rejects(stat(path));
  });

  it('leaves no bpftrace behind when it is killed itself', async (t) => {
    const path = await place(t);
    const running = startWhopins(['record', '-o', path], await host(t, { steps: [HELLO], beatMs: 50 }));
    await untilWritten(path);
    const [bpftrace = 0] = childrenOf(running.child.pid);
    assert.ok(bpftrace > 0);
    running.child.kill('SIGKILL');
    await until(() => !isAlive(bpftrace), 'bpftrace ends');
    const events = await eventsOf(path);
    assert.equal(events[0]?.kind, 'hello');
    assert.equal(events.at(-1)?.kind, 'stream.cut');
  });
});

async function untilWritten(path: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const kinds = await kindsOf(path).catch((): Event['kind'][] => []);
    if (kinds.includes('beat')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('never: a beat is on disk');
}

/** bpftrace is our only child; the fake replaces its shell, so it is a direct one. */
function childrenOf(pid: number | undefined): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  return readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

describe('the walk of a recording', { concurrency: 4 }, () => {
  const LEASE = walkOf(1.5e9, [['walk.leased', { lease: -64, dev: 26, ino: 2, pid: 40 }]]);
  const walked = (kinds: readonly string[]) => kinds.filter((kind) => kind.startsWith('walk.'));

  it('stands between hello and what happened while it looked; the command starts after it', async (t) => {
    const path = await place(t);
    const steps: Step[] = [HELLO, { sleepMs: 500 }, { print: rowText('task.exited', { ts: 2e9 }) }];
    const env = {
      ...(await host(t, { steps })),
      FAKE_WALK: await writeWalk(t, { looks: [LEASE], takesMs: 1500 }),
    };
    const done = await runWhopins(['record', '-o', path, '--', 'echo', 'ran'], env);
    assert.deepEqual([done.code, done.stdout, done.stderr], [0, 'ran\n', '']);
    assert.deepEqual((await kindsOf(path)).slice(0, 5), [
      'hello',
      'walk.began',
      'walk.leased',
      'walk.ended',
      'task.exited',
    ]);
    assert.ok(!(await kindsOf(path)).includes('stream.late'));
    const text = (await linesOf(path)).find((line) => line.includes('walk.leased'));
    assert.match(text ?? '', /"walk\.leased", 1500000000, 0, 40, 0, "",\s*1,/, 'its pointers are renumbered');
  });

  it('is left out where it is not wanted', async (t) => {
    const path = await place(t);
    const env = {
      ...(await host(t, { steps: [HELLO] })),
      FAKE_WALK: await writeWalk(t, { looks: [LEASE] }),
    };
    await runWhopins(['record', '-o', path, '--no-walk', '--', 'true'], env);
    assert.deepEqual(walked(await kindsOf(path)), []);
  });

  it('is repeated as often as told', async (t) => {
    const path = await place(t);
    const env = {
      ...(await host(t, { steps: [HELLO] })),
      FAKE_WALK: await writeWalk(t, { looks: [LEASE] }),
    };
    await runWhopins(['record', '-o', path, '--walk-every', '0.2', '--', 'sleep', '1'], env);
    const began = (await kindsOf(path)).filter((kind) => kind === 'walk.began');
    assert.ok(began.length >= 2, `${began.length} walks`);
  });

  it('is stopped by a signal: the recording is whole, the command was not started', async (t) => {
    const path = await place(t);
    const env = {
      ...(await host(t, { steps: [HELLO] })),
      FAKE_WALK: await writeWalk(t, { looks: [LEASE], takesMs: 60_000 }),
    };
    const running = startWhopins(['record', '-o', path, '--', 'echo', 'ran'], env);
    for (let tries = 0; !existsSync(`${env.FAKE_WALK}${ASKED}`) && tries < 1000; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    running.child.kill('SIGINT');
    const done = await running.finished;
    assert.deepEqual(
      [done.code, done.stdout, done.stderr],
      [130, '', 'whopins: stopped before echo was started\n'],
    );
    assert.equal((await endingOf(path)).complete, true);
    assert.deepEqual(walked(await kindsOf(path)), []);
  });
});

describe('what goes wrong while recording', { concurrency: 4 }, () => {
  it('keeps what it had when bpftrace dies, says so, and exits 3', async (t) => {
    const path = await place(t);
    const steps: Step[] = [
      HELLO,
      { print: rowText('beat', { ts: 2e9 }) },
      { write: '{"type": "va' },
      { die: 'SIGKILL' },
    ];
    const done = await runWhopins(['record', '-o', path], await host(t, { steps }));
    assert.equal(done.code, 3);
    assert.match(done.stderr, /\nwhopins: the recording is not complete: bpftrace was ended by SIGKILL\n$/);
    const ending = await endingOf(path);
    assert.deepEqual([ending.complete, ending.why], [false, 'bpftrace was ended by SIGKILL']);
    const events = await eventsOf(path);
    assert.deepEqual(
      events.map((event) => event.kind),
      ['hello', 'beat', 'stream.bad', 'stream.cut'],
    );
  });

  it('lets the command finish when bpftrace dies under it', async (t) => {
    const path = await place(t);
    const script = 'sleep 0.5; echo done; exit 0';
    const env = await host(t, { steps: [HELLO, { exit: 9 }] });
    const done = await runWhopins(['record', '-o', path, '--', 'sh', '-c', script], env);
    assert.deepEqual([done.code, done.stdout], [3, 'done\n']);
    assert.equal((await endingOf(path)).command_exit, 0);
  });

  it('counts rows that are none, and keeps their neighbours', async (t) => {
    const path = await place(t);
    const steps: Step[] = [
      HELLO,
      { print: '}{' },
      { print: 'null' },
      { print: rowText('fd.closed', { ts: 2e9 }) },
    ];
    await runWhopins(['record', '-o', path, '--', 'true'], await host(t, { steps }));
    const rows = (await endingOf(path)).rows;
    assert.deepEqual(rows, { written: (await linesOf(path)).length - 3, bad: 2 });
    const kinds = await kindsOf(path);
    assert.equal(kinds.filter((kind) => kind === 'stream.bad').length, 2);
    assert.ok(kinds.includes('fd.closed'));
  });

  it('refuses in one line to write where it cannot, before anything is attached', async (t) => {
    const directory = await temporaryDirectory(t);
    const env = await host(t, { steps: [HELLO] });
    for (const path of [join(directory, 'missing', 'a.gz'), directory, '/proc/whopins.gz']) {
      const done = await runWhopins(['record', '-o', path, '--', 'echo', 'ran'], env);
      assert.deepEqual([done.code, done.stdout], [2, ''], path);
      assert.match(
        done.stderr,
        /^whopins: cannot write the recording to [^\n]*; choose another place with -o\n$/,
      );
    }
  });

  it('stops in one line when the disk is full', async (t) => {
    const done = await runWhopins(['record', '-o', '/dev/full'], await host(t, { steps: [HELLO] }));
    assert.equal(done.code, 2);
    assert.equal(
      done.stderr,
      'whopins: cannot write the recording to /dev/full: no space is left on the device; choose another place with -o\n',
    );
  });

  it('says in one line why this host cannot be traced', async (t) => {
    const path = await place(t);
    const env = { FAKE_HOST: 'Tracing needs root. Use sudo.' };
    const done = await runWhopins(['record', '-o', path, '--', 'echo', 'ran'], env);
    assert.deepEqual(done, {
      code: 3,
      signal: null,
      stdout: '',
      stderr: 'whopins: Tracing needs root. Use sudo.\n',
    });
    await assert.rejects(stat(path));
  });
});

describe('record -o -', { concurrency: 4 }, () => {
  it('streams plain rows as they come, and sends the output of the command to standard error', async (t) => {
    const env = await host(t, { steps: [HELLO] });
    const done = await runWhopins(['record', '-o', '-', '--', 'echo', 'ran'], env);
    assert.deepEqual([done.code, done.stderr], [0, 'ran\n']);
    const lines = done.stdout.trimEnd().split('\n');
    assert.equal(JSON.parse(lines[0] ?? '').whopins, 'header');
    assert.equal(JSON.parse(lines.at(-1) ?? '').complete, true);
  });

  it('is a recording that can be read while it grows', async (t) => {
    const running = startWhopins(['record', '-o', '-'], await host(t, { steps: [HELLO], beatMs: 50 }));
    await until(() => running.stdout().includes('"beat"'), 'a beat is printed');
    running.child.kill('SIGINT');
    const path = await place(t);
    await writeFile(path, (await running.finished).stdout);
    assert.equal((await eventsOf(path)).at(-1)?.kind, 'stream.fired');
  });

  it('ends when nobody reads it any more', async (t) => {
    const running = startWhopins(['record', '-o', '-'], await host(t, { steps: [HELLO], beatMs: 50 }));
    await until(() => running.stdout().includes('"beat"'), 'a beat is printed');
    running.child.stdout.destroy();
    const done = await running.finished;
    assert.equal(done.code, 2);
    assert.match(done.stderr, /standard output: nobody reads the other end/);
  });
});

describe('pointers', { concurrency: 4 }, () => {
  it('are renumbered, unless they are asked for', async (t) => {
    const row: Step = { print: rowText('inode.evicted', { ts: 2e9, inode: -131391570087936 }) };
    const env = await host(t, { steps: [HELLO, row] });
    for (const [option, inode] of [
      [[], 1],
      [['--raw-pointers'], -131391570087936],
    ] as const) {
      const path = await place(t);
      await runWhopins(['record', '-o', path, ...option, '--', 'true'], env);
      const event = (await eventsOf(path)).find((each) => each.kind === 'inode.evicted');
      assert.equal(event?.kind === 'inode.evicted' && event.inode, inode);
    }
  });
});
