/** whopins export: from the command line to the last byte. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brokenRules } from '../export/trace-event-rules.ts';
import { HEADER, packMembers, writeBytes } from '../fixtures/recordings.ts';
import { rowText } from '../fixtures/rows.ts';
import { runWhopins, startWhopins, until } from '../fixtures/whopins.ts';

const RECORDING = fileURLToPath(new URL('../recordings/lease-break.6.12.ndjson.gz', import.meta.url));

async function recording(context: TestContext, lines: readonly string[]): Promise<string> {
  return writeBytes(context, packMembers([[JSON.stringify(HEADER)], lines]));
}

const HELLO = rowText('hello', { ts: 1e9, comm: 'bpftrace' });
const BEATS = [1, 2, 3].map((n) => rowText('beat', { ts: n * 1e9 }));

describe('export', { concurrency: 4 }, () => {
  it('--to perfetto is a file that viewers open', async () => {
    const { code, stdout, stderr } = await runWhopins(['export', RECORDING, '--to', 'perfetto']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(brokenRules(stdout), []);
    assert.equal(JSON.parse(stdout).otherData.complete, true);
  });

  it('--to html is one page', async () => {
    const { code, stdout, stderr } = await runWhopins(['export', RECORDING, '--to', 'html']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^<!doctype html>[\s\S]*blocked-operation[\s\S]*<\/html>\n$/);
  });

  it('--to ndjson is what replay --json prints', async () => {
    const { code, stdout, stderr } = await runWhopins(['export', RECORDING, '--to', 'ndjson']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(stdout, (await runWhopins(['replay', RECORDING, '--json'])).stdout);
  });

  it('of a hurt recording exports what is there, and says what is not', async (t) => {
    const path = await recording(t, [HELLO, ...BEATS, '{"type": "value", "data": [', ...BEATS]);
    for (const format of ['perfetto', 'html', 'ndjson']) {
      const { code, stdout, stderr } = await runWhopins(['export', path, '--to', format]);
      assert.equal(code, 0);
      assert.match(
        stderr,
        /^whopins: 1 row of the recording could not be read; the rest is exported\nwhopins: the recording is not whole \([^\n]+\); what is there is exported\n$/,
      );
      assert.ok(stdout.length > 300, format);
      if (format === 'perfetto') assert.deepEqual(brokenRules(stdout), []);
    }
  });

  it('of a recording without one row makes a file that still opens', async (t) => {
    const path = await recording(t, []);
    const { code, stdout } = await runWhopins(['export', path, '--to', 'perfetto']);
    assert.deepEqual([code, brokenRules(stdout)], [0, []]);
    assert.match((await runWhopins(['export', path, '--to', 'html'])).stdout, /<h2>0 findings<\/h2>/);
  });

  it('refuses wrong use with 2 and what cannot be read with 4, each in one line', async (t) => {
    const foreign = await writeBytes(t, 'hello\n');
    for (const [words, code] of [
      [[RECORDING], 2],
      [[RECORDING, '--to', 'pdf'], 2],
      [['--to', 'html'], 2],
      [[RECORDING, RECORDING, '--to', 'html'], 2],
      [['/no/such/file', '--to', 'html'], 4],
      [[foreign, '--to', 'perfetto'], 4],
      [['/', '--to', 'ndjson'], 4],
    ] as const) {
      const done = await runWhopins(['export', ...words]);
      assert.deepEqual([done.code, done.stdout], [code, ''], words.join(' '));
      assert.match(done.stderr, /^whopins: [^\n]+\n$/);
    }
  });

  it('ends quietly when nobody reads on, and on a signal with its code', async (t) => {
    const many = Array.from({ length: 40_000 }, (_, n) => rowText('beat', { ts: n }));
    const path = await recording(t, many);
    const unread = startWhopins(['export', path, '--to', 'ndjson']);
    await until(() => unread.stdout() !== '', 'it prints');
    unread.child.stdout.destroy();
    const { code, stderr } = await unread.finished;
    assert.deepEqual([code, stderr], [0, '']);
    const stopped = startWhopins(['export', path, '--to', 'ndjson']);
    await until(() => stopped.stdout() !== '', 'it prints');
    stopped.child.stdout.pause();
    stopped.child.kill('SIGTERM');
    stopped.child.stdout.resume();
    assert.equal((await stopped.finished).code, 143);
  });
});
