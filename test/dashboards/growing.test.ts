/** What grows while it is looked at: a recording that is followed, and one that is made out of the dashboard. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { fakeBpftrace, type Step } from '../fixtures/fake-bpftrace.ts';
import { rowText } from '../fixtures/rows.ts';
import { READY, runWhopins } from '../fixtures/whopins.ts';
import { openTerminal, tmuxMissing } from './tmux.ts';

const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const NODE = `${process.execPath} --import ${import.meta.resolve('tsx')}`;
const skip = tmuxMissing();

/** A terminal in a directory of its own; both go away with the test. */
async function openThere(context: TestContext, env: Readonly<Record<string, string>> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'whopins-growing-'));
  const terminal = await openTerminal(100, 30, env);
  context.after(async () => {
    await terminal.close();
    rmSync(directory, { recursive: true });
  });
  await terminal.type(`cd ${directory}; clear`);
  return { ...terminal, directory };
}

test('a recording is followed while it grows, to its end', { skip, timeout: 300_000 }, async (t) => {
  const { directory, press, type, waitFor } = await openThere(t);
  const growing = join(directory, 'growing');
  const recording = gunzipSync(readFileSync(inRoot('dashboards/demo/rdma-handed-over.ndjson.gz')));
  const lines = recording.toString().trimEnd().split('\n');
  const cut = lines.findIndex((line) => line.includes('"truncate.began"'));
  const rowsOf = (from: number, to?: number) =>
    lines
      .slice(from, to)
      .map((line) => `${line}\n`)
      .join('');
  writeFileSync(growing, rowsOf(0, cut));
  await type(`${NODE} ${inRoot('src/cli.ts')} replay --follow growing; echo code=$? .`);
  await waitFor(/live {2}● tracing/, /▸! +\/dev\/shm\/data .* rdma\[264\] rdma-mr 256 pg/, /FINDINGS 1/);
  // A writer's buffer ends anywhere. A row is shown once no earlier one can come: with the beat after it.
  const beat = lines.findIndex((line, i) => i > cut && line.includes('"beat"')) + 1;
  const truncate = rowsOf(cut, beat);
  appendFileSync(growing, truncate.slice(0, 60));
  await press('4');
  await waitFor(/EVENTS \d/);
  appendFileSync(growing, truncate.slice(60));
  await waitFor(/truncate ended/);
  await press('1');
  await waitFor(/!! freed-under-pin/, /▸!! \/dev\/shm\/data/);
  appendFileSync(growing, rowsOf(beat, -1));
  await waitFor(/no file is held/, /was pinned/);
  appendFileSync(growing, rowsOf(-1));
  await waitFor(/■ STOPPED/, /the trace ended; below is how it was/, /lost 0/);
  await press('q');
  await waitFor(/code=0 \./);
});

test('w NAME.ndjson.gz records a live dashboard from then on, w again stops', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const steps: Step[] = [
    { print: rowText('hello', { ts: 1e9, comm: 'bpftrace' }) },
    { print: rowText('lease.added', { ts: 1.5e9, pid: 40, tid: 40, comm: 'before' }) },
  ];
  const bpftrace = await fakeBpftrace(t, { steps, beatMs: 50 });
  const env = { ...READY, WHOPINS_BPFTRACE: bpftrace };
  const { directory, press, type, waitFor } = await openThere(t, env);
  await type(`${NODE} ${inRoot('test/fixtures/whopins.ts')} live; echo code=$? .`);
  await waitFor(/live {2}● tracing/, /q quit/);
  const record = async (name: string) => {
    await press('w');
    await waitFor(/write to: whopins-files/);
    await press('C-u', name, 'Enter');
  };
  await record('kept.ndjson.gz');
  await waitFor(/recording to kept\.ndjson\.gz from now on \(w stops it\)/);
  await press('w');
  await waitFor(/\d+ rows recorded to kept\.ndjson\.gz/);
  await record('kept.ndjson.gz');
  await waitFor(/it is there already/);
  await record('unstopped.ndjson.gz');
  await waitFor(/recording to unstopped\.ndjson\.gz from now on/);
  await press('q');
  await waitFor(/code=0 \./);
  for (const name of ['kept', 'unstopped']) {
    const path = join(directory, `${name}.ndjson.gz`);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const report = await runWhopins(['report', '--json', path]);
    assert.equal(report.code, 0, report.stderr);
    const { complete, rows, not_covered } = JSON.parse(report.stdout);
    // It says that it is a part. One that was never stopped goes to the end of tracing.
    if (name === 'kept') assert.equal(complete, false);
    assert.equal(rows.lost, 0);
    assert.ok(not_covered.some((gap: { path: string }) => gap.path === 'counters'));
  }
});
