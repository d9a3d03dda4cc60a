/** report --from --to and who --at, on a recording of a real kernel. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { excerptSince } from '../../src/commands/excerpt.ts';
import { readModel } from '../../src/commands/recorded-model.ts';
import type { ReportAnswer } from '../../src/model/answer.ts';
import { reportAnswer, timelines } from '../../src/model/model.ts';
import { runWhopins } from '../fixtures/whopins.ts';

/** Its lease lasts from +1.9 s to +5.065 s, the pin from +3.0 s to +9.083 s; the truncate comes at +6.08 s. */
const RECORDING = fileURLToPath(new URL('../recordings/rdma-handed-over.7.3.ndjson.gz', import.meta.url));

async function reportOf(
  ...words: string[]
): Promise<ReportAnswer & { shown: { from_ns: number; to_ns: number } }> {
  const { code, stdout, stderr } = await runWhopins(['report', RECORDING, '--json', ...words]);
  assert.deepEqual([code, stderr], [0, ''], words.join(' '));
  return JSON.parse(stdout);
}

const ids = ({ findings }: ReportAnswer) => findings.map(({ id }) => id).sort();
const kinds = ({ files }: ReportAnswer) =>
  files.flatMap(({ holders }) => holders.map(({ kind }) => kind)).sort();

describe('report of a part', { concurrency: 4 }, () => {
  it('is as of its end, without what was over at its beginning', async () => {
    const early = await reportOf('--to', '+2.5s');
    assert.deepEqual([ids(early), kinds(early), early.complete], [[], ['lease'], false]);
    const middle = await reportOf('--from', '+2.5s', '--to', '+5.5s');
    assert.deepEqual(kinds(middle), ['lease', 'pin']);
    assert.deepEqual(ids(middle), ['handed-over-without-lease', 'holder-gone', 'pin-outlives-lease']);
    const late = await reportOf('--from', '40%');
    assert.deepEqual([kinds(late), late.files[0]?.operations.length, late.complete], [['pin'], 1, true]);
    const after = await reportOf('--from', '+9.5s');
    assert.deepEqual([ids(after), kinds(after)], [[], []]);
    // Times go on counting from the start of the whole.
    assert.equal(after.from_ns, early.from_ns);
    assert.equal(after.shown.from_ns - after.from_ns, 9.5e9);
  });

  it('takes moments as its own answers and texts tell them', async () => {
    const { from_ns } = await reportOf();
    const whole = await reportOf('--from', '0%', '--to', '100%');
    assert.deepEqual([ids(whole), kinds(whole)], [ids(await reportOf()), ['lease', 'pin']]);
    for (const to of [String(from_ns + 2.5e9), '+2.5s', '2026-11-22T13:22:54.666Z', '17.47%']) {
      assert.deepEqual(kinds(await reportOf('--to', to)), ['lease'], to);
    }
  });

  it('as text says what it is a part of, and draws lanes that began before', async () => {
    const { stdout } = await runWhopins(['report', RECORDING, '--from', '+4s', '--to', '+5.5 s']);
    assert.match(stdout, /^shown {5}what was so between \+4\.000 s and \+5\.500 s of the recording\nkernel /);
    assert.match(stdout, /\+1\.903 s {2}rdma\[265\] took a write lease/);
    assert.match(stdout, /^ {2}lease rdma\[265\] {2}\[=+\]$/m);
    assert.match(stdout, /\+4\.045 s {2}rdma\[264\] received/);
    assert.doesNotMatch(stdout, /truncate/);
    assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  });

  it('refuses what is no moment and no period, in one line', async () => {
    for (const [words, why] of [
      [['--from', 'noon'], /^whopins: --from: noon is not a time: [^\n]*\n$/],
      [['--to', '110%'], /^whopins: --to: 110% is not a time: [^\n]*\n$/],
      [
        ['--from', '5s', '--to', '4s'],
        /^whopins: nothing lies between --from \+5\.000 s and --to \+4\.000 s[^\n]*\n$/,
      ],
      [['--from', '1000s'], /^whopins: nothing lies between [^\n]* the recording ends at \+14\.3\d\d s\n$/],
    ] as const) {
      const { code, stdout, stderr } = await runWhopins(['report', RECORDING, ...words]);
      assert.deepEqual([code, stdout], [2, ''], words.join(' '));
      assert.match(stderr, why);
    }
    const { code } = await runWhopins(['report', '/no/such/file', '--from', '1s']);
    assert.equal(code, 4);
  });
});

it('who --at takes the same moments', async () => {
  for (const [at, held] of [
    ['20%', ['lease']],
    ['+4 s', ['lease', 'pin']],
    ['2026-11-22T13:22:59Z', ['pin']],
  ] as const) {
    const { stdout } = await runWhopins([
      'who',
      '/dev/shm/data',
      '--recording',
      RECORDING,
      '--at',
      at,
      '--json',
    ]);
    const { holders }: { holders: { kind: string }[] } = JSON.parse(stdout);
    assert.deepEqual(
      holders.map(({ kind }) => kind),
      held,
      at,
    );
  }
});

it('an excerpt from the beginning is the whole report', async () => {
  const model = await readModel(RECORDING);
  assert.ok(model.ok);
  const [answer, stories] = [reportAnswer(model.value), timelines(model.value)];
  assert.deepEqual(excerptSince(answer, stories, answer.from_ns), { answer, stories });
});
