/** Owners behind descriptors and hidden files: those that are too large for one visit are looked into again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookForOwners } from '../../../src/capture/walk/look-inside.ts';
import { pagesIn } from '../../../src/capture/walk/owners.ts';
import { type Canned, madeUpGrounds } from './canned.ts';
import { DEV, ENDS, IN_RING, openEnd, PIPE, pipeLines, RING, RING_FILE } from './scenes.ts';

const pages = (visit: string, object: string, index: number, count: number) =>
  `["pages",${visit},${object},-4096,7,${DEV},131,${index},${count},${count * 4096},-9]`;

function look(canned: Canned, program: 'pipes' | 'rings', opened: readonly string[], hideouts = [ENDS[0]]) {
  const grounds = madeUpGrounds(canned, opened);
  const via = program === 'pipes' ? 'vmsplice' : 'io_uring-buffer';
  const hidden = hideouts.map((file) => ({ file, object: PIPE, entries: 1 }));
  return lookForOwners(grounds, { program, via }, hidden).then((owners) => ({ owners, runs: grounds.runs }));
}

test('one that a descriptor and a hidden file lead to is told once, in one run', async () => {
  const lines = [...pipeLines('256,3'), ...pipeLines(`@${ENDS[0]}`)];
  const { owners, runs } = await look({ pipes: [lines] }, 'pipes', [openEnd(256, 3, ENDS[1])]);
  assert.deepEqual([owners.length, runs.length], [1, 1]);
});

test('a large one is looked into again, visit by visit, and counts whole', async () => {
  const header = (visit: string) => `["owner",${visit},-700,400,0,1638400]`;
  const { owners, runs } = await look(
    {
      rings: [
        [header('255,3'), pages('255,3', '-700', 0, 190), '["rest",255,3]'],
        [
          header(`@${RING_FILE}`),
          pages(`@${RING_FILE}`, '-700', 0, 190),
          `["rest",@${RING_FILE}]`,
          pages(`@${RING_FILE}#1`, '-700', 190, 190),
          `["rest",@${RING_FILE}#1]`,
          pages(`@${RING_FILE}#2`, '-700', 380, 20),
        ],
      ],
    },
    'rings',
    IN_RING['open-files']?.[0] ?? [],
    [],
  );
  assert.equal(runs.length, 2);
  assert.deepEqual(
    owners.map(({ object, reach, whole, runs: found }) => [
      object,
      reach,
      whole,
      found.length,
      pagesIn(found),
    ]),
    [['-700', RING, true, 1, 400]],
  );
});

test('one that was seen whole stays so, whatever a second look leaves over', async () => {
  const header = (visit: string) => `["owner",${visit},-700,190,0,778240]`;
  const [opened = ''] = IN_RING['open-files']?.[0] ?? [];
  const { owners, runs } = await look(
    {
      rings: [
        [
          ...[header('255,3'), pages('255,3', '-700', 0, 190)],
          ...[header('256,3'), pages('256,3', '-700', 0, 100), '["rest",256,3]'],
        ],
        [
          header(`@${RING_FILE}`),
          ...Array.from({ length: 20 }, (_, n) => `["rest",@${RING_FILE}${n === 0 ? '' : `#${n}`}]`),
        ],
      ],
    },
    'rings',
    [opened, opened.replace('255,3', '256,3')],
    [],
  );
  assert.equal(runs.length, 2);
  assert.deepEqual(
    owners.map(({ whole, runs: found }) => [whole, pagesIn(found)]),
    [[true, 190]],
  );
});

test('what a second look no longer finds stays as the first one saw it', async () => {
  const lines = ['["owner",255,3,-700,400,0,1638400]', pages('255,3', '-700', 0, 190), '["rest",255,3]'];
  const { owners } = await look({ rings: [lines, []] }, 'rings', IN_RING['open-files']?.[0] ?? [], []);
  assert.deepEqual(
    owners.map(({ whole, runs }) => [whole, pagesIn(runs)]),
    [[false, 190]],
  );
});
