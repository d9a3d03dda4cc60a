/** From descriptors to what they keep: what is looked into, what is told of it, and what is left out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRowContext } from '../../../src/capture/procfs/walk-row.ts';
import { lookAtFiles } from '../../../src/capture/walk/files.ts';
import { ofKind } from './answer-of.ts';
import { type Canned, madeUpGrounds } from './canned.ts';
import {
  DEV,
  ENDS,
  IN_FLIGHT,
  IN_RING,
  LEASED,
  openEnd,
  PIPE,
  pipeLines,
  REGION,
  RING,
  RING_FILE,
} from './scenes.ts';

async function look(canned: Canned, { isRingMapped = false } = {}) {
  const grounds = madeUpGrounds(canned, canned['open-files']?.[0]);
  const opened = [...grounds.opened.values()];
  const context = createRowContext(1, '/nowhere');
  const seen = await lookAtFiles(context, grounds, { opened, isRingMapped });
  return { ...seen, gaps: grounds.programs.gaps, ran: grounds.runs.map(({ name }) => name) };
}

const buffer = (visit: string) => [
  `["owner",${visit},-700,1,4096,4096]`,
  `["pages",${visit},-700,-4096,7,${DEV},131,0,1,4096,-59075388000000000]`,
];

test('without anything of interest nothing is started', async () => {
  const { rows, ran, gaps } = await look({});
  assert.deepEqual([rows, ran, gaps], [[], [], []]);
});

test('each kind of open file starts its own program', async () => {
  const pipe = { 'open-files': [[openEnd(1, 3, ENDS[0])]] };
  const xdp = { 'open-files': [['["open",1,3,-8,-16,-24,8,5,49152,8,1]']] };
  assert.deepEqual((await look(pipe)).ran, ['pipes']);
  assert.deepEqual((await look(xdp)).ran, ['umems']);
  assert.deepEqual((await look(LEASED)).ran, ['leases']);
  assert.deepEqual((await look(REGION)).ran, ['regions', 'region-pages']);
  assert.deepEqual((await look(IN_RING)).ran.sort(), ['pipes', 'ring-files', 'rings']);
  assert.deepEqual((await look(IN_FLIGHT)).ran.sort(), ['pipes', 'sockets']);
});

test('whoever has a pin, or keeps who has it, is told; others are not', async () => {
  const idle = '["open",900,3,-8,-16,-24,15,5,4096,1,1]';
  const canned = { ...IN_FLIGHT, 'open-files': [[...(IN_FLIGHT['open-files']?.[0] ?? []), idle]] };
  const { rows } = await look(canned);
  assert.deepEqual(
    ofKind(rows, 'walk.held').map(({ pid }) => pid),
    [256],
  );
  assert.equal(ofKind(rows, 'walk.kept').length, 2);
  const { rows: none } = await look({ ...IN_FLIGHT, pipes: [[]] });
  assert.deepEqual(none, []);
});

test('what keeps the open file of a region counts, though its private data are no pin', async () => {
  const [uverbs] = [...madeUpGrounds({}, REGION['open-files']?.[0]).opened.values()];
  assert.ok(uverbs);
  const { file, object } = uverbs;
  const elsewhere = (lines: Canned[keyof Canned] = []) =>
    lines.map((list) => list.map((line) => line.replace('423,3', `@${file}`)));
  const { rows } = await look({
    ...REGION,
    'open-files': IN_FLIGHT['open-files'] ?? [],
    sockets: [
      [
        '["queue",256,4,-59075390715954560,1,0]',
        `["kept",256,4,-59075390715954560,${file},${object},-5,5,410,8192,242221056]`,
      ],
    ],
    regions: elsewhere(REGION.regions),
  });
  assert.deepEqual(
    rows.map(({ kind, pid }) => [kind, pid]),
    [
      ['walk.held', 256],
      ['walk.kept', 0],
      ['walk.pinned', 424],
      ['walk.owner', 0],
    ],
  );
});

test('what has no address leads to nothing: other files without private data are not told', async () => {
  const [opened = ''] = LEASED['open-files']?.[0] ?? [];
  const other = '["open",900,3,-8,0,-24,15,5,8192,2,1]';
  const [line = ''] = LEASED.leases?.[0] ?? [];
  const { rows } = await look({
    'open-files': [[opened, other]],
    leases: [[line.replace('-59075390699331200,', '0,')]],
  });
  assert.deepEqual(
    ofKind(rows, 'walk.held').map(({ pid }) => pid),
    [261],
  );
});

test('the file that was asked about is told with its descriptors, whatever it keeps', async () => {
  const { rows } = await look({ 'open-files': [[`["open",900,3,-8,0,-24,${DEV},131,32768,128,1]`]] });
  assert.deepEqual(
    rows.map(({ kind, pid }) => [kind, pid]),
    [['walk.held', 900]],
  );
});

test('a lease that several descriptors show is one', async () => {
  const [opened = ''] = LEASED['open-files']?.[0] ?? [];
  const [line = ''] = LEASED.leases?.[0] ?? [];
  const { rows, leases } = await look({
    'open-files': [[opened, opened.replace('261,3', '262,3')]],
    leases: [[line, line.replace('261,3', '262,3')]],
  });
  assert.equal(leases.length, 1);
  assert.deepEqual(
    rows.map(({ kind, pid }) => [kind, pid]),
    [
      ['walk.held', 261],
      ['walk.held', 262],
      ['walk.leased', 261],
    ],
  );
});

test('a buffer in two rings has two holders, and its pages are counted once', async () => {
  const other = `["open",256,5,-59,-590,-59075390711111168,14,936084,0,4,1]`;
  const { rows } = await look({
    'open-files': [[...(IN_RING['open-files']?.[0] ?? []), other]],
    rings: [[...buffer('255,3'), ...buffer('256,5')]],
  });
  const owners = ofKind(rows, 'walk.owner');
  assert.deepEqual(
    owners.map(({ reach, counted }) => [reach, counted]),
    [
      [RING, 1],
      ['-590', 0],
    ],
  );
  assert.equal(new Set(owners.map(({ object }) => object)).size, 2);
});

test('a ring that lives by a mapping is looked into, and who maps it keeps it', async () => {
  const canned = {
    'ring-mappings': [[`["ring",351,-1,${RING_FILE},${RING},-5,14,936083,0]`]],
    rings: [buffer(`@${RING_FILE}`)],
  };
  const { rows, ran } = await look(canned, { isRingMapped: true });
  assert.ok(ran.includes('ring-mappings'));
  assert.deepEqual(
    ofKind(rows, 'walk.kept').map(({ pid, how, object }) => [pid, how, object]),
    [[351, 3, RING]],
  );
  assert.equal(ofKind(rows, 'walk.pinned').length, 1);
});

test('a pipe in a ring that lives by a mapping is found through both', async () => {
  const { rows } = await look(
    {
      'ring-mappings': [[`["ring",351,-1,${RING_FILE},${RING},-5,14,936083,0]`]],
      'ring-files': [[`["kept",@${RING_FILE},${RING},${ENDS[0]},${PIPE},-5,15,1424,4096,0]`]],
      pipes: [pipeLines(`@${ENDS[0]}`)],
    },
    { isRingMapped: true },
  );
  assert.deepEqual(
    ofKind(rows, 'walk.kept').map(({ pid, how }) => [pid, how]),
    [
      [0, 2],
      [351, 3],
    ],
  );
});

/** As a container, its group and its device lead there, at three descriptors of one process. */
const GIVEN: Canned = {
  'open-files': [[6, 7, 8].map((fd) => `["open",226,${fd},-${fd}0,-8,-16,9,11${fd},8192,32,1]`)],
  vfio: [
    [6, 7, 8].map((fd) => `["mapping",226,${fd},-700,226,0,8097873646898996854,0,4096,268435456,8192,1]`),
  ],
};

test('memory given to a device is told once, with all that leads to its container', async () => {
  const canned = {
    ...GIVEN,
    'vfio-pages': [
      [
        '["owner",@-80/-700,-700,2,4096,8192]',
        `["pages",@-80/-700,-700,-4096,7,${DEV},131,0,2,8192,-59075388000000000]`,
      ],
    ],
  };
  const { rows, gaps } = await look(canned);
  assert.deepEqual(
    ofKind(rows, 'walk.held').map(({ fd, object }) => [fd, object]),
    [6, 7, 8].map((fd) => [String(fd), '-8']),
  );
  const [pinned, ...others] = ofKind(rows, 'walk.pinned');
  assert.deepEqual(
    [pinned?.pid, pinned?.comm, pinned?.via, pinned?.reach, pinned?.write, others.length],
    [226, 'vfio-map', 'vfio', '-8', 1, 0],
  );
  assert.deepEqual(
    ofKind(rows, 'walk.owner').map(({ pages, seen, counted }) => [pages, seen, counted]),
    [[2, 2, 2]],
  );
  assert.deepEqual(gaps, []);
});

test('memory given to a device is told without its pages where they cannot be found', async () => {
  const { rows } = await look({ ...GIVEN, 'vfio-pages': [[]] });
  assert.deepEqual(ofKind(rows, 'walk.pinned'), []);
  assert.deepEqual(
    ofKind(rows, 'walk.owner').map(({ pages, seen }) => [pages, seen]),
    [[2, 0]],
  );
});

test('what cannot be looked into is said: regions of unknown drivers', async () => {
  const lines = (REGION.regions?.[0] ?? []).map((line) => line.replace(/,-59075390666501376,14,/, ',0,5,'));
  const { gaps } = await look({ ...REGION, regions: [lines] });
  assert.deepEqual(
    gaps.map(({ path }) => path),
    ['rdma-mr'],
  );
  assert.match(gaps[0]?.reason ?? '', /region on rxe0, registered by process 424/);
});

test('pages of nobody and of anonymous memory are told, but have no file to name', async () => {
  const run = (mapping: string) => `["pages",1,3,${PIPE},-4096,7,0,0,0,1,4096,${mapping}]`;
  const { rows, pages } = await look({
    'open-files': [[openEnd(1, 3, ENDS[0])]],
    pipes: [[`["owner",1,3,${PIPE},2,0,0]`, run('0'), run('-59075387999999999')]],
  });
  assert.deepEqual(
    ofKind(rows, 'walk.pinned').map(({ orphan, ino }) => [orphan, ino]),
    [
      [1, 0],
      [0, 0],
    ],
  );
  assert.deepEqual(pages, []);
});
