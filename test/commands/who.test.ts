/** `who` on the running kernel: a made-up walk on a made-up host, and files that are there. */
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type LiveTarget, resolveTarget } from '../../src/capture/target.ts';
import type { RawRow } from '../../src/event/encode.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { walkOf } from '../fixtures/walks.ts';
import {
  ASKED,
  type MadeUpWalk,
  READY,
  runWhopins,
  startWhopins,
  until,
  writeWalk,
} from '../fixtures/whopins.ts';

const S = 1e9;
const HOLDER = { pid: 40, tid: 40, comm: 'holder' };
const WAITER = { pid: 41, tid: 41, comm: 'cutter' };

type File = Pick<LiveTarget, 'dev' | 'ino'>;
type Found = Parameters<typeof walkOf>[1][number];

async function makeFile(t: TestContext): Promise<LiveTarget & { readonly path: string }> {
  const path = join(await temporaryDirectory(t), 'data');
  await writeFile(path, 'x');
  const target = await resolveTarget(path);
  assert.ok(target.ok);
  return { ...target.value, path };
}

/** `pages` of the file in a pipe that the holder has as fd 4. */
function pinned({ dev, ino }: File, pages: number, nth = 1, orphan = 0): Found[] {
  const object = nth * -4096;
  const owner = { object, reach: object, pages, via: 'vmsplice' };
  const page = object * 512;
  return [
    ['walk.held', { ...HOLDER, fd: 3 + nth, file: object - 64, mode: 0o10600, object }],
    ['walk.pinned', { ...HOLDER, ...owner, dev, ino, page, bytes: pages * 4096, write: 1, orphan }],
    ['walk.owner', { ...HOLDER, ...owner, seen: pages, counted: 0 }],
  ];
}

function waiting({ dev, ino }: File, nth = 1): Found {
  const page = nth * -4096 * 512;
  const call = { op: 'truncate', on: 'dax-page', page, since: 3 * S, where: 'xfs_break_dax_layouts' };
  return ['walk.waiting', { ...WAITER, dev, ino, ...call }];
}

const NOTHING: readonly RawRow[] = walkOf(9 * S, [['walk.gap', { path: 'vfio', reason: 'no module' }]]);

async function host(t: TestContext, walk: MadeUpWalk) {
  const path = await writeWalk(t, walk);
  const asked = async () =>
    (await readFile(`${path}${ASKED}`, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { env: { ...READY, FAKE_WALK: path }, asked };
}

describe('who PATH', { concurrency: 4 }, () => {
  it('walks once for that file, and answers in words', async (t) => {
    const file = await makeFile(t);
    const { env, asked } = await host(t, { looks: [walkOf(9 * S, [...pinned(file, 16), waiting(file)])] });
    const { code, stdout } = await runWhopins(['who', file.path], env);
    assert.equal(code, 0);
    assert.ok(stdout.startsWith(`${file.path}   `), stdout);
    for (const words of [
      /pinned +16 pages/,
      /held by +holder\[40\].*fd 4/,
      /waits +truncate by cutter\[41\]/,
    ]) {
      assert.match(stdout, words);
    }
    const [{ target }] = await asked();
    assert.deepEqual([target.dev, target.ino], [file.dev, file.ino]);
  });

  it('answers as JSON, also about MAJOR:MINOR:INODE', async (t) => {
    const file = await makeFile(t);
    const { env } = await host(t, { looks: [walkOf(9 * S, pinned(file, 16))] });
    for (const name of [file.path, file.key]) {
      const { code, stdout } = await runWhopins(['who', name, '--json'], env);
      assert.equal(code, 0);
      const { target, holders, at_ns } = JSON.parse(stdout);
      assert.deepEqual([`${target.dev}:${target.ino}`, at_ns], [file.key, 9 * S]);
      assert.equal(target.path, name === file.path ? file.path : null);
      const [pin] = holders;
      assert.deepEqual([pin.kind, pin.pages, pin.origin], ['pin', 16, 'snapshot']);
      assert.deepEqual([pin.held_by[0].pid, pin.held_by[0].fds], [40, [4]]);
    }
  });

  it('says of a file that nobody holds that nobody does', async (t) => {
    const file = await makeFile(t);
    const { env } = await host(t, { looks: [NOTHING] });
    const { code, stdout } = await runWhopins(['who', file.path, '--json'], env);
    const { holders, operations, to_free } = JSON.parse(stdout);
    assert.deepEqual([code, holders, operations, to_free], [0, [], [], []]);
  });

  it('lets a broken row of the walk hurt only itself', async (t) => {
    const file = await makeFile(t);
    const broken = walkOf(9 * S, [['walk.held', { fd: 'none' }], ...pinned(file, 16)]);
    const { env } = await host(t, { looks: [broken] });
    const { stdout } = await runWhopins(['who', file.path, '--json'], env);
    assert.equal(JSON.parse(stdout).holders[0].pages, 16);
  });

  it('says so when the walk fails', async (t) => {
    const file = await makeFile(t);
    const { env } = await host(t, { looks: [], fails: 'out of luck' });
    const { code, stdout } = await runWhopins(['who', file.path], env);
    assert.equal(code, 0);
    assert.match(stdout, /the walk failed: out of luck/);
    assert.doesNotMatch(stdout, /^ +certain/m);
  });
});

describe('who without a path', { concurrency: 4 }, () => {
  it('tells each file that is pinned or waited for, worst first, and closes with a count', async (t) => {
    const [few, many, orphan, waited] = [1, 2, 0, 4].map((ino) => ({ dev: 26, ino }));
    assert.ok(few && many && orphan && waited);
    const found = [
      ...pinned(few, 1, 1),
      ...pinned(many, 64, 2),
      ...pinned(orphan, 2, 3, 1),
      ...pinned(waited, 1, 4),
      waiting(waited, 4),
    ];
    const { env } = await host(t, { looks: [walkOf(9 * S, found, { acquired: 30, released: 10 })] });
    const json = JSON.parse((await runWhopins(['who', '--json'], env)).stdout);
    assert.deepEqual(
      json.files.map(({ target }: { target: { ino: number } }) => target.ino),
      [4, 0, 2, 1],
    );
    assert.equal(json.pin_balance.counted, 20);
    const { code, stdout } = await runWhopins(['who'], env);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /\n\n4 files pinned or waited for; the kernel counts 20 pinned pages, of which the walk found \d/,
    );
  });

  it('says that there is none, and what the walk could not see', async (t) => {
    const { env, asked } = await host(t, { looks: [NOTHING] });
    const { code, stdout } = await runWhopins(['who'], env);
    assert.deepEqual([code, stdout], [0, 'no file is pinned or waited for\n  not seen  vfio: no module\n']);
    const json = JSON.parse((await runWhopins(['who', '--json'], env)).stdout);
    assert.deepEqual([json.files, json.not_covered], [[], [{ path: 'vfio', reason: 'no module' }]]);
    assert.deepEqual((await asked())[0].target, null);
  });
});

describe('who where BPF cannot look', { concurrency: 4 }, () => {
  it('looks into /proc, and says in one line what is missing', async (t) => {
    const file = await makeFile(t);
    const lacks: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [
        { FAKE_HOST: 'No bpftrace. Install it.', FAKE_LACK: 'no-bpftrace' },
        /: No bpftrace\. Install it\.\n$/,
      ],
      [{ FAKE_HOST: 'No tracefs.', FAKE_LACK: 'no-bpf' }, /: No tracefs\.\n$/],
      [READY, /: this kernel has no type information .*CONFIG_DEBUG_INFO_BTF\n$/],
    ];
    for (const [lack, message] of lacks) {
      const { env, asked } = await host(t, { looks: [walkOf(9 * S, pinned(file, 16))] });
      const { code, stdout, stderr } = await runWhopins(['who', file.path, '--json'], { ...env, ...lack });
      assert.deepEqual([code, JSON.parse(stdout).holders.length], [0, 1]);
      assert.match(stderr, /^whopins: only \/proc can be looked into, so this is less sure: [^\n]*\n$/);
      assert.match(stderr, message);
      assert.equal((await asked())[0].bpf, false);
    }
  });

  it('and not even /proc: one line and exit code 3', async (t) => {
    const { env } = await host(t, { looks: [NOTHING] });
    for (const [lack, message] of [
      ['not-root', /without root; use sudo\n$/],
      ['not-linux', /Tracing needs Linux\.\n$/],
    ] as const) {
      const told = { ...env, FAKE_HOST: 'Tracing needs Linux.', FAKE_LACK: lack };
      const { code, stdout, stderr } = await runWhopins(['who', '/etc/passwd'], told);
      assert.deepEqual([code, stdout], [3, '']);
      assert.match(stderr, /^whopins: [^\n]*\n$/);
      assert.match(stderr, message);
    }
  });
});

describe('who, asked wrongly, is one line and exit code 2', { concurrency: 4 }, () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['who /no/such/file', /cannot find \/no\/such\/file: there is no such file; check the path/],
    ['who /', /\/ is a directory: name a file in it/],
    ['who /dev/null', /is a device/],
    ['who 0:99999999:1', /is no MAJOR:MINOR:INODE/],
    ['who /etc/passwd --at 3s', /--at needs --recording/],
    ['who /etc/passwd --watch 0', /Give seconds: more than 0/],
    ['who /etc/passwd --watch soon', /--watch takes seconds, not 'soon'/],
    ['who --watch --recording f', /cannot be used with/],
    ['record -o f --walk-every never', /Give seconds/],
    ['record -o f --no-walk --walk-every 5', /cannot be used with/],
  ];
  for (const [words, message] of cases) {
    it(`whopins ${words}`, async (t) => {
      const { env, asked } = await host(t, { looks: [NOTHING] });
      const { code, stdout, stderr } = await runWhopins(words.split(' '), env);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^whopins: [^\n]*\n$/);
      assert.match(stderr, message);
      await assert.rejects(asked(), 'nothing was walked');
    });
  }
});

describe('who --watch', { concurrency: 4 }, () => {
  it('tells each change as one line of JSON, and ends when nothing waits any more', async (t) => {
    const file = await makeFile(t);
    const both = [...pinned(file, 16), waiting(file)];
    const { env, asked } = await host(t, {
      looks: [walkOf(5 * S, both), walkOf(6 * S, both), walkOf(7 * S, pinned(file, 16))],
    });
    const { code, stdout, stderr } = await runWhopins(['who', file.path, '--watch', '0.01', '--json'], env);
    assert.equal(code, 0);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      answers.map(({ at_ns, operations }) => [at_ns / S, operations.length]),
      [
        [5, 1],
        [7, 0],
      ],
    );
    assert.match(stderr, /\nwhopins: nothing is seen to wait any more\n$/);
    assert.equal((await asked()).length, 3);
  });

  it('ends at once where nothing waits; the path may follow the option', async (t) => {
    const file = await makeFile(t);
    const { env } = await host(t, { looks: [walkOf(5 * S, pinned(file, 16))] });
    const { code, stdout, stderr } = await runWhopins(['who', '--watch', file.path], env);
    assert.equal(code, 0);
    assert.match(stdout, /^at \d{4}-\d\d-\d\dT[\d:.]+Z\n\/[^\n]*\n +pinned /);
    assert.match(stderr, /\nwhopins: nothing is seen to wait\n$/);
  });

  it('goes on while something waits, until Ctrl-C', async (t) => {
    const file = await makeFile(t);
    const look = walkOf(5 * S, [...pinned(file, 16), waiting(file)]);
    const { env, asked } = await host(t, { looks: [look] });
    const running = startWhopins(['who', '--watch=0.01'], env);
    await until(() => running.stdout().includes('waits '), 'the wait is shown');
    const looks = async () => (await asked()).length;
    const before = await looks();
    for (let tries = 0; (await looks()) < before + 3 && tries < 1000; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    running.child.kill('SIGINT');
    const { code, stdout } = await running.finished;
    assert.equal(code, 130);
    assert.ok((await looks()) >= before + 3, 'it looked again');
    assert.equal(stdout.match(/^at /gm)?.length, 1, 'what did not change is told once');
  });
});

it('who ends on a signal while it walks, and prints nothing', async (t) => {
  const { env, asked } = await host(t, { looks: [NOTHING], takesMs: 60_000 });
  const running = startWhopins(['who'], env);
  const path = `${env.FAKE_WALK}${ASKED}`;
  for (let tries = 0; (await stat(path).catch(() => null)) === null && tries < 1000; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal((await asked()).length, 1);
  running.child.kill('SIGTERM');
  const { code, stdout } = await running.finished;
  assert.deepEqual([code, stdout], [143, '']);
});
