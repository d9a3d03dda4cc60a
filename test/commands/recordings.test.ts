/** replay, report and who on recordings: whole, broken, growing, and none at all. */
import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import { encodeRow } from '../../src/event/encode.ts';
import { HEADER, packMembers, writeBytes } from '../fixtures/recordings.ts';
import { firedText, rowText } from '../fixtures/rows.ts';
import { walkOf } from '../fixtures/walks.ts';
import { runWhopins, startWhopins, until } from '../fixtures/whopins.ts';

const DATA = { dev: 26, ino: 2 };
const S = 1e9;

/** A process takes a lease on /dev/shm/data at 2 s and gives it up at 5 s. */
const STORY = [
  rowText('hello', { ts: S, comm: 'bpftrace' }),
  rowText('inode.named', { ts: 2 * S, inode: 5, ...DATA, depth: 0, name: 'data', fs: 'tmpfs' }),
  rowText('inode.named', { ts: 2 * S, inode: 5, ...DATA, depth: 1, name: '/', fs: 'tmpfs' }),
  rowText('fd.installed', {
    ts: 2 * S,
    pid: 40,
    tid: 40,
    comm: 'holder',
    fd: 3,
    file: 7,
    ...DATA,
    object: 0,
    how: 0,
  }),
  rowText('lease.added', {
    ts: 2 * S,
    pid: 40,
    tid: 40,
    comm: 'holder',
    file: 7,
    owner: 9,
    ...DATA,
    flags: 32,
    type: 1,
    fd: 3,
  }),
  rowText('lease.released', {
    ts: 5 * S,
    pid: 40,
    tid: 40,
    comm: 'holder',
    lease: 8,
    file: 7,
    owner: 9,
    ...DATA,
    flags: 32,
    type: 1,
    cause: 1,
    recorded: 40,
  }),
  rowText('bye', { ts: 6 * S, comm: 'bpftrace' }),
];
const COUNTS = firedText({
  hello: 1,
  'inode.named': 2,
  'fd.installed': 1,
  'lease.added': 1,
  'lease.released': 1,
  bye: 1,
});
const ENDING = '{"whopins":"end","complete":true,"rows":{"written":8,"bad":0}}';

async function recording(
  context: TestContext,
  lines: readonly string[] = [...STORY, COUNTS, ENDING],
): Promise<string> {
  return writeBytes(context, packMembers([[JSON.stringify(HEADER)], lines]));
}

async function askJson(words: readonly string[]) {
  const { code, stdout, stderr } = await runWhopins([...words, '--json']);
  assert.deepEqual([code, stderr], [0, ''], words.join(' '));
  return JSON.parse(stdout);
}

describe('replay', { concurrency: 4 }, () => {
  it('prints one line for each event as text, and as JSON', async (t) => {
    const path = await recording(t);
    const plain = await runWhopins(['replay', path, '--plain']);
    assert.deepEqual([plain.code, plain.stderr], [0, '']);
    assert.match(plain.stdout, /^Linux 6\S*, bpftrace v\S+\n/);
    assert.equal(plain.stdout.trimEnd().split('\n').length, 9);
    assert.match(plain.stdout, /4\.000000 +holder\[40\] .*lease/);
    const json = await runWhopins(['replay', path, '--json']);
    const events = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([events[0].kind, events[0].not_covered], ['stream.header', HEADER.left_out]);
    assert.deepEqual([events[1].kind, events[1].ts, events.at(-1).counts.hello], ['hello', S, 1]);
  });

  it('follows a recording that is being written, to its end', async (t) => {
    const path = await writeBytes(t, `${JSON.stringify(HEADER)}\n${STORY[0]}\n`);
    const running = startWhopins(['replay', path, '--json', '--follow']);
    await appendFile(path, `${STORY.slice(1).join('\n')}\n`);
    await until(() => running.stdout().includes('lease.added'), 'what was appended is shown');
    await appendFile(path, `${COUNTS}\n${ENDING}\n`);
    const { code, stdout } = await running.finished;
    assert.equal(code, 0);
    assert.match(stdout, /"kind":"stream.fired"[^\n]*"final":true[^\n]*\n$/);
  });

  it('stops following on a signal', async (t) => {
    const path = await writeBytes(t, `${JSON.stringify(HEADER)}\n${STORY.join('\n')}\n`);
    const running = startWhopins(['replay', path, '--json', '--follow']);
    await until(() => running.stdout().includes('lease.added'), 'what is there is shown');
    running.child.kill('SIGTERM');
    assert.equal((await running.finished).code, 143);
  });

  it('ends quietly when nobody reads on', async (t) => {
    const rows = Array.from({ length: 20_000 }, (_, n) => rowText('beat', { ts: n }));
    const running = startWhopins(['replay', await recording(t, rows), '--json']);
    await until(() => running.stdout() !== '', 'it prints');
    running.child.stdout.destroy();
    const { code, stderr } = await running.finished;
    assert.deepEqual([code, stderr], [0, '']);
  });
});

describe('who', { concurrency: 4 }, () => {
  it('answers as of the end, or of a moment', async (t) => {
    const path = await recording(t);
    const atEnd = await askJson(['who', '/dev/shm/data', '--recording', path]);
    assert.equal(atEnd.target.path, '/dev/shm/data');
    assert.equal(atEnd.holders[0].lease.state, 'ended');
    for (const at of ['2.5s', '+2.5', String(3.5 * S)]) {
      const then = await askJson(['who', '0:26:2', '--recording', path, '--at', at]);
      assert.deepEqual([then.holders[0].taken_by.pid, then.holders[0].lease.state], [40, 'active'], at);
    }
    const before = await askJson(['who', '0:26:2', '--recording', path, '--at', '0.5s']);
    assert.deepEqual([before.holders, before.certainty], [[], 'unknown']);
  });

  it('answers in words', async (t) => {
    const { code, stdout } = await runWhopins([
      'who',
      'data',
      '--recording',
      await recording(t),
      '--at',
      '3s',
    ]);
    assert.equal(code, 0);
    assert.match(stdout, /^\/dev\/shm\/data +tmpfs 0:26 inode 2\n/);
    assert.match(stdout, /holder\[40\]/);
  });

  it('lists what is pinned or waited for when no file is named', async (t) => {
    const path = await recording(t);
    assert.deepEqual(await askJson(['who', '--recording', path]), {
      files: [],
      pin_balance: null,
      not_covered: [],
    });
    const { stdout } = await runWhopins(['who', '--recording', path]);
    assert.equal(stdout, 'no file is pinned or waited for\n');
  });

  it('says in one line that it does not know a file', async (t) => {
    const { code, stdout, stderr } = await runWhopins(['who', '/nowhere', '--recording', await recording(t)]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^whopins: no file '\/nowhere' was seen[^\n]*\n$/);
  });

  it('answers from a walk in it, also about all files', async (t) => {
    const holder = { pid: 40, tid: 40, comm: 'holder' };
    const owner = { object: 5, reach: 5, pages: 16, via: 'vmsplice' };
    const walk = walkOf(2 * S, [
      ['walk.held', { ...holder, fd: 4, file: 6, mode: 0o10600, object: 5 }],
      ['walk.pinned', { ...holder, ...DATA, ...owner, page: 7, bytes: 65536 }],
      ['walk.owner', { ...holder, ...owner, seen: 16 }],
      ['walk.named', { ...DATA, path: '/dev/shm/data', fs: 'tmpfs' }],
    ]);
    const [hello = '', ...rest] = STORY;
    const path = await recording(t, [hello, ...walk.map(encodeRow), ...rest, COUNTS, ENDING]);
    const { holders } = await askJson(['who', '/dev/shm/data', '--recording', path, '--at', '1.5s']);
    const pin = holders.find(({ kind }: { kind: string }) => kind === 'pin');
    assert.deepEqual([pin.pages, pin.held_by[0].fds, pin.origin], [16, [4], 'snapshot']);
    const { files } = await askJson(['who', '--recording', path]);
    assert.deepEqual([files.length, files[0].target.path], [1, '/dev/shm/data']);
  });
});

describe('report', { concurrency: 4 }, () => {
  it('tells of a whole recording', async (t) => {
    const path = await recording(t);
    const answer = await askJson(['report', path]);
    assert.deepEqual(
      [answer.complete, answer.rows.bad, answer.rows.lost, answer.kernel],
      [true, 0, 0, HEADER.kernel],
    );
    assert.equal(answer.files[0].target.path, '/dev/shm/data');
    const { code, stdout } = await runWhopins(['report', path]);
    assert.equal(code, 0);
    assert.match(stdout, /\/dev\/shm\/data/);
    assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  });

  it('of a cut or hurt one tells what is there, and that it is not whole', async (t) => {
    const hurt = await recording(t, [...STORY.slice(0, 4), '{"type": "va', ...STORY.slice(4, 6)]);
    const answer = await askJson(['report', hurt]);
    assert.deepEqual([answer.complete, answer.rows.bad], [false, 1]);
    assert.equal(answer.files[0].holders[0].lease.state, 'ended');
  });
});

describe('a recording that cannot be read is one line and exit code 4', { concurrency: 4 }, () => {
  const files: readonly (readonly [string, string | Buffer])[] = [
    ['empty', ''],
    ['foreign', 'hello\nworld\n'],
    ['made by a newer whopins', packMembers([[JSON.stringify({ ...HEADER, format: 9 })]])],
    ['cut within its header', packMembers([[JSON.stringify(HEADER)]]).subarray(0, 40)],
  ];
  for (const [what, bytes] of files) {
    it(what, async (t) => {
      const path = await writeBytes(t, bytes);
      for (const words of [
        ['report', path],
        ['who', 'x', '--recording', path],
        ['replay', path, '--plain'],
      ]) {
        const { code, stdout, stderr } = await runWhopins(words);
        assert.deepEqual([code, stdout], [4, '']);
        assert.match(stderr, /^whopins: cannot read the recording [^\n]*\n$/);
      }
    });
  }

  it('missing', async () => {
    const { code, stderr } = await runWhopins(['report', '/no/such/file']);
    assert.equal(code, 4);
    assert.match(
      stderr,
      /^whopins: cannot read the recording \/no\/such\/file: there is no such file[^\n]*\n$/,
    );
  });
});
