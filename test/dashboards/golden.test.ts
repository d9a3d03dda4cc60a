/**
 * The real command over real kernels' recordings, in a real terminal: the golden recordings of four stories and the
 * bundled one are opened, gone through by findings, and every view of them is looked at.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openTerminal, tmuxMissing } from './tmux.ts';

const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const GOLDEN = inRoot('test/recordings');
/** These have findings and end with nothing held: what the keys below come by. */
const STORIES = /^(lease-break|handed-over-mapped|handed-over-unmapped|rdma-handed-over)\./;
const RECORDINGS = [
  inRoot('dashboards/demo/rdma-handed-over.ndjson.gz'),
  ...readdirSync(GOLDEN)
    .filter((name) => name.endsWith('.ndjson.gz') && STORIES.test(name))
    .map((name) => join(GOLDEN, name)),
];
const skip = tmuxMissing();

test('recordings of four stories are walked through by keys', { skip, timeout: 900_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'whopins-keys-'));
  const terminal = await openTerminal(80, 24);
  const { press, type, waitFor } = terminal;
  try {
    for (const recording of RECORDINGS) {
      await t.test(recording.slice(recording.lastIndexOf('/') + 1), async () => {
        const cli = `${process.execPath} --import ${import.meta.resolve('tsx')} ${inRoot('src/cli.ts')}`;
        const place = join(directory, recording.replace(/\W/g, '-'));
        mkdirSync(place);
        await type(`clear; cd ${place}; ${cli} replay ${recording}; echo code=$? .`);
        await waitFor(/q quit/, /of \d/);
        await press('}');
        await waitFor(/‖ paused/, /FINDINGS [1-9]/);
        await press('Enter');
        await waitFor(/TIME LINE/, /\d+\/\d+ +\+\d/, /row {2}\S+|no row of this very moment/);
        await press('Left', '+', 'Enter');
        await waitFor(/ process \S+\[\d+\]/);
        for (const [key, view] of [
          ['2', /\[2 processes\]/],
          ['3', /\[3 waits(?: \(\d+\))?\]/],
          ['4', /EVENTS \d+ +follows/],
          ['5', /OVER TIME/],
        ] as const) {
          await press(key);
          await waitFor(view);
        }
        await press('1', 'G');
        await waitFor(/■ at its end/, /FILES [1-9]/);
        await press('y');
        await waitFor(/RELEASE PLAN/);
        await press('y', '[', '[');
        await waitFor(/‖ paused/);
        await press('w');
        await waitFor(/write to: whopins-files-[\d.]+s\.txt/);
        await press('Enter');
        await waitFor(/written to whopins-files/);
        await press('q');
        await waitFor(/code=0 \./);
      });
    }
    const written = readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.txt'))
      .map((name) => join(directory, name));
    assert.equal(written.length, RECORDINGS.length);
    for (const path of written) {
      assert.match(readFileSync(path, 'utf8'), /whopins {2}replay[\s\S]*FILES \d/);
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }
  } finally {
    await terminal.close();
    rmSync(directory, { recursive: true });
  }
});

test('a growing recording is followed as what happens now', { skip, timeout: 300_000 }, async () => {
  const terminal = await openTerminal(100, 30);
  const directory = mkdtempSync(join(tmpdir(), 'whopins-follow-'));
  try {
    const { press, type, waitFor } = terminal;
    const cli = `${process.execPath} --import ${import.meta.resolve('tsx')} ${inRoot('src/cli.ts')}`;
    await type(`cd ${directory}; zcat ${inRoot('dashboards/demo/rdma-handed-over.ndjson.gz')} > all`);
    await type('head -n 60 all > growing; clear');
    await type(`${cli} replay --follow growing; echo code=$? .`);
    await waitFor(/live {2}● tracing/, /q quit/);
    await press(']');
    await waitFor(/this is live/);
    await press('q');
    await waitFor(/code=0 \./);
  } finally {
    await terminal.close();
    rmSync(directory, { recursive: true });
  }
});
