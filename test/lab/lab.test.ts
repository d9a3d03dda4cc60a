/** The parts of the lab that need no guest. */
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { parseSources } from './apt.ts';
import { chooseStories, whyNotOn } from './choose.ts';
import { quote } from './job.ts';
import { parseTruth } from './judge.ts';
import { judgeKept } from './kept.ts';
import { compareVersions } from './kernels.ts';
import { lastLines } from './messages.ts';
import { selectPairs } from './pairs.ts';
import { REPO } from './paths.ts';
import { storyTable } from './stories.ts';
import type { Story } from './story.ts';

test('both forms of apt sources are read', () => {
  const deb822 = `Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/one.gpg

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
`;
  assert.deepEqual(parseSources(deb822), [
    {
      uri: 'http://mirror.example/debian',
      suites: ['bookworm', 'bookworm-updates'],
      signedBy: '/usr/share/keyrings/one.gpg',
    },
  ]);
  const oneLine = `# deb http://off.example/debian bookworm main
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib
deb http://mirror.example/security bookworm-security main
`;
  assert.deepEqual(parseSources(oneLine), [
    { uri: 'http://mirror.example/debian', suites: ['bookworm'], signedBy: '/k.gpg' },
    { uri: 'http://mirror.example/security', suites: ['bookworm-security'], signedBy: '' },
  ]);
});

test('the newest kernel is chosen by its numbers', () => {
  const releases = ['6.1.0-9-amd64', '6.1.0-56-amd64', '6.1.0-50-amd64'];
  assert.equal(releases.sort(compareVersions).at(-1), '6.1.0-56-amd64');
  assert.ok(compareVersions('6.12.9+deb13-amd64', '6.12.107+deb13-amd64') < 0);
  assert.ok(compareVersions('6.12.115+deb13-amd64', '6.12.115+deb13.1-amd64') < 0);
});

test('words reach the guest as they are', () => {
  assert.equal(quote("it's $HOME"), `'it'\\''s $HOME'`);
});

test('a truth that is no JSON names the line', () => {
  assert.deepEqual(parseTruth('{"t_ns":1,"pid":2,"did":"x"}\n\n'), [{ t_ns: 1, pid: 2, did: 'x' }]);
  assert.throws(() => parseTruth('{"t_ns":1}\nSegmentation fault\n'), /no JSON: Segmentation fault/);
});

test('a console is shown without its control characters', () => {
  assert.deepEqual(lastLines('one\r\n\u001b[0mtwo\r\n\r\nthree\r\n', 2), ['[0mtwo', 'three']);
});

test('an unknown kernel is wrong use', () => {
  assert.deepEqual(
    selectPairs('all').map((pair) => pair.kernel),
    ['6.1', '6.12', '7.3'],
  );
  assert.throws(() => selectPairs('5.10'), /there is no kernel '5.10'.*choose one of 6.1, 6.12, 7.3/);
});

test('stories are chosen by when whopins comes, and a name that cannot be played says why', () => {
  const story = (name: string, more: Partial<Story> = {}): Story => ({
    name,
    kernels: ['6.1', '7.3'],
    timeoutMs: 1,
    args: [],
    check: () => [],
    ...more,
  });
  const both = story('both', { late: true, lateCannot: { '6.1': 'no wait' } });
  const late = story('late', { late: true, lateOnly: 'a reason' });
  const all = { stories: [story('early'), both, late], pending: [{ name: 'pending', reason: 'not yet' }] };
  const chosen = (isLate: boolean, ...names: readonly string[]): readonly string[] =>
    chooseStories(all, names, isLate).map(({ name }) => name);
  assert.deepEqual(chosen(false), ['early', 'both']);
  assert.deepEqual(chosen(true), ['both', 'late']);
  assert.deepEqual(chosen(true, 'late'), ['late']);
  assert.throws(() => chosen(false, 'late'), /late is played with --late only: a reason/);
  assert.throws(() => chosen(true, 'early'), /early cannot be played late/);
  assert.throws(() => chosen(false, 'both', 'pending'), /pending is not judged yet: not yet/);
  assert.throws(() => chosen(true, 'none'), /there is no story none; there are: early, both, late/);
  const reasons = [whyNotOn(both, '6.1', false), whyNotOn(both, '6.1', true), whyNotOn(both, '7.3', true)];
  assert.deepEqual(reasons, [null, 'no wait', null]);
  assert.match(whyNotOn(both, '5.4', false) ?? '', /not made for/);
});

test('a kept play is judged again, with its truth, its exit code and the answers of this code', async (t) => {
  const directory = await temporaryDirectory(t);
  const kept = join(directory, 'lease-break.7.3');
  copyFileSync(join(REPO, 'test', 'recordings', 'lease-break.7.3.ndjson.gz'), `${kept}.ndjson.gz`);
  writeFileSync(`${kept}.truth.ndjson`, '{"t_ns":1,"pid":2,"did":"x"}\n');
  writeFileSync(`${kept}.stderr`, '');
  const story: Story = {
    name: 'lease-break',
    kernels: ['7.3'],
    timeoutMs: 1,
    args: [],
    check: ({ truth, exitCode, report }) => [
      `it did ${truth[0]?.did} and ended with ${exitCode}; ${(report as { files: readonly unknown[] }).files.length} file`,
    ],
  };
  assert.deepEqual(judgeKept(story, '7.3', false, directory).complaints, [
    'no play of it is kept: play it first, without --kept',
  ]);
  writeFileSync(`${kept}.ended.json`, '{"exitCode":3,"timedOut":false}\n');
  const { outcome, complaints } = judgeKept(story, '7.3', false, directory);
  assert.deepEqual([outcome, complaints], ['failed', ['it did x and ended with 3; 1 file']]);
  assert.equal(judgeKept({ ...story, check: () => [] }, '7.3', false, directory).outcome, 'passed');
  writeFileSync(`${kept}.ended.json`, '{"exitCode":77,"timedOut":false}\n');
  assert.equal(judgeKept(story, '7.3', false, directory).outcome, 'cannot-play');
  assert.equal(judgeKept(story, '6.1', false, directory).outcome, 'cannot-play');
});

test('the table has a row per story and a column per kernel', () => {
  const result = { complaints: [], recording: undefined };
  const table = storyTable([
    { ...result, story: 'lease-break', kernel: '6.1', outcome: 'passed', seconds: 20.4 },
    {
      ...result,
      story: 'rdma',
      kernel: '7.3',
      outcome: 'cannot-play',
      complaints: ['no RDMA device'],
      seconds: 3,
    },
  ]);
  assert.equal(
    table,
    `story        6.1             7.3
lease-break  passed 20 s     -
rdma         -               cannot
rdma on 7.3: no RDMA device`,
  );
});
