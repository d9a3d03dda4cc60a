/** What the walk must not lose in silence, nor tell twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRowContext } from '../../../src/capture/procfs/walk-row.ts';
import { lookAtFiles } from '../../../src/capture/walk/files.ts';
import { lookIntoRingTables, lookIntoSockets } from '../../../src/capture/walk/inner-files.ts';
import { lookForOwners } from '../../../src/capture/walk/look-inside.ts';
import { lookForRegions } from '../../../src/capture/walk/regions.ts';
import { walkKernel } from '../../../src/capture/walk/walk.ts';
import { ofKind } from './answer-of.ts';
import { madeUpGrounds } from './canned.ts';
import { fakeIterators } from './fake-iterators.ts';
import { madeUpKernel } from './made-up-kernel.ts';
import { IN_RING, PIPE, pipeLines, REGION, RING, RING_FILE } from './scenes.ts';

const SOCKET = '["open",256,3,-3,-300,-5,8,77,49152,16,1]';
const kept = (visit: string, keeper: string, n: number, mode = 4096) =>
  `["kept",${visit},${keeper},${-n},${-n}00,-5,15,77,${mode},${mode === 49152 ? 1 : 0}]`;

test('a socket in a queue is told once, at however many visits it was printed', async () => {
  const inner = (visit: string) => [`["queue",${visit},-1000,1,0]`, kept(visit, '-1000', 11)];
  const sockets = [
    ['["queue",256,3,-300,1,0]', kept('256,3', '-300', 10, 49152)],
    [...inner('@-10'), ...inner('@-10#1')],
  ];
  const found = await lookIntoSockets(madeUpGrounds({ sockets }, [SOCKET]));
  assert.deepEqual(
    found.map(({ file }) => file),
    ['-10', '-11'],
  );
});

test('a ring whose first slots are all empty is looked into again', async () => {
  const opened = IN_RING['open-files']?.[0];
  const grounds = madeUpGrounds({ rings: [['["rest",255,3]']] }, opened);
  await lookForOwners(grounds, { program: 'rings', via: 'io_uring-buffer' }, []);
  assert.deepEqual(
    grounds.runs[1]?.parameters.hidden?.map(({ file }) => file),
    [RING_FILE],
  );
});

test('an uverbs file with more objects than one visit sees is looked into again', async () => {
  const lines = [...(REGION.regions?.[0] ?? []), '["rest",423,3]'];
  const grounds = madeUpGrounds({ ...REGION, regions: [lines, []] }, REGION['open-files']?.[0]);
  await lookForRegions(grounds, []);
  assert.equal(grounds.runs.filter(({ name }) => name === 'regions').length, 2);
});

test('files of a large table are told once', async () => {
  const first = [kept('255,3', RING, 1), '["rest",255,3]'];
  const again = [kept(`@${RING_FILE}`, RING, 1), `["rest",@${RING_FILE}]`, kept(`@${RING_FILE}#1`, RING, 2)];
  const grounds = madeUpGrounds({ 'ring-files': [first, again] }, IN_RING['open-files']?.[0]);
  const files = (await lookIntoRingTables(grounds, [])).map(({ file }) => file);
  assert.deepEqual(files, ['-1', '-2']);
});

test('hidden files beyond the budget of visits are said not to have been looked at', async () => {
  const numbers = Array.from({ length: 450 }, (_, n) => 1000 + n * 8);
  const pipes = numbers.flatMap((n) => pipeLines(`@-${n}`).map((line) => line.replaceAll(PIPE, `-${n}00`)));
  const sockets = ['["queue",256,3,-300,450,0]', ...numbers.map((n) => kept('256,3', '-300', n))];
  const grounds = madeUpGrounds({ sockets: [sockets], pipes: [pipes] }, [SOCKET]);
  const { rows } = await lookAtFiles(createRowContext(1, '/nowhere'), grounds, {
    opened: [...grounds.opened.values()],
    isRingMapped: false,
  });
  assert.ok(ofKind(rows, 'walk.owner').length === 450 || grounds.placeholders.refused > 0);
});

test('all rows of a walk are of one moment, also where it had to do with /proc', async (t) => {
  await fakeIterators(t, { canned: {}, fails: { 'open-files': 'ERROR: no BPF for you' } });
  const rows = await walkKernel({ offers: madeUpKernel() });
  assert.equal(new Set(rows.map(({ ts }) => ts)).size, 1);
});
