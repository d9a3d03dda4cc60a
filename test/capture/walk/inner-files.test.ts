/** Open files that no descriptor leads to: how deep they are followed, and what is said of those that were not found. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  lookIntoRingTables,
  lookIntoSockets,
  ringsBehindMappings,
} from '../../../src/capture/walk/inner-files.ts';
import { type Canned, madeUpGrounds, readLines } from './canned.ts';
import { IN_FLIGHT, IN_RING, RING, RING_FILE } from './scenes.ts';

/** An AF_UNIX socket that is inside `keeper`; its own numbers are made from `n`. */
const socket = (visit: string, keeper: number, n: number) =>
  `["kept",${visit},${keeper},${-n},${-n}00,-5,8,77,49152,1]`;
const pipe = (visit: string, keeper: number, n: number) =>
  `["kept",${visit},${keeper},${-n},${-n}00,-5,15,77,4096,0]`;
const open = (n: number) => `["open",256,${n},${-n},${-n}00,-5,8,77,49152,16,1]`;

async function look(canned: Canned, opened: readonly string[]) {
  const grounds = madeUpGrounds(canned, opened);
  const kept = await lookIntoSockets(grounds);
  const said = grounds.programs.gaps.map(({ path, reason }) => `${path}: ${reason}`);
  return { kept, said, runs: grounds.runs, files: kept.map(({ file, keeper }) => `${file} in ${keeper}`) };
}

describe('files in the queues of sockets', () => {
  it('are found once, though several descriptors lead to the socket', async () => {
    const lines = IN_FLIGHT.sockets?.[0] ?? [];
    const again = lines.map((line) => line.replace('256,4', '300,9'));
    const [opened = ''] = IN_FLIGHT['open-files']?.[0] ?? [];
    const { kept, said, runs } = await look({ sockets: [[...lines, ...again]] }, [
      opened,
      opened.replace('256,4', '300,9'),
    ]);
    assert.equal(kept.length, 2);
    assert.deepEqual([said, runs.length], [[], 1]);
  });

  it('are followed into sockets that are themselves in a queue', async () => {
    const { files, said, runs } = await look(
      {
        sockets: [
          ['["queue",256,3,-300,1,0]', socket('256,3', -300, 10)],
          ['["queue",@-10,-1000,1,0]', pipe('@-10', -1000, 11)],
        ],
      },
      [open(3)],
    );
    assert.deepEqual(files, ['-10 in -300', '-11 in -1000']);
    assert.deepEqual([said, runs.length], [[], 2]);
    assert.deepEqual(
      runs[1]?.parameters.hidden?.map(({ file }) => file),
      ['-10'],
    );
  });

  it('are followed once around where sockets wait in each other', async () => {
    const { files, said, runs } = await look(
      {
        sockets: [
          ['["queue",256,3,-300,1,0]', socket('256,3', -300, 10)],
          ['["queue",@-10,-1000,1,0]', socket('@-10', -1000, 12)],
          ['["queue",@-12,-1200,1,0]', socket('@-12', -1200, 10)],
        ],
      },
      [open(3)],
    );
    assert.deepEqual(files, ['-10 in -300', '-12 in -1000', '-10 in -1200']);
    assert.deepEqual([said, runs.length], [[], 3]);
  });

  it('that lie too deep are not followed, and that is said', async () => {
    const deeper = Array.from({ length: 9 }, (_, n) =>
      n === 0
        ? ['["queue",256,3,-300,1,0]', socket('256,3', -300, 10)]
        : [`["queue",@-${n + 9},-${n + 9}00,1,0]`, socket(`@-${n + 9}`, -(n + 9) * 100, n + 10)],
    );
    const { kept, said } = await look({ sockets: deeper }, [open(3)]);
    assert.equal(kept.length, 5);
    assert.deepEqual(said, [
      'fd-passing: sockets in queues of sockets were followed 5 deep, and there are more',
    ]);
  });

  it('that were not found among the first messages are told by the difference', async () => {
    const { said } = await look({ sockets: [['["queue",256,3,-300,3,0]', pipe('256,3', -300, 10)]] }, [
      open(3),
    ]);
    assert.deepEqual(said, ['fd-passing: 3 descriptors are in flight in one socket, 1 were looked at']);
  });

  it('of connections that nobody accepted are looked for inside the listening socket', async () => {
    const { files, said, runs } = await look(
      {
        sockets: [
          ['["queue",256,3,-300,0,1]', '["embryo",256,3,-300,-91]', '["embryo",256,3,-300,-92]'],
          [
            '["queue",@-3/-91,-300,1,0]',
            pipe('@-3/-91', -300, 10),
            '["queue",@-3/-92,-300,1,0]',
            pipe('@-3/-92', -300, 11),
          ],
        ],
      },
      [open(3)],
    );
    assert.deepEqual(files, ['-10 in -300', '-11 in -300']);
    assert.deepEqual(said, []);
    assert.deepEqual(
      runs[1]?.parameters.hidden?.map(({ file, inner }) => [file, inner]),
      [
        ['-3', '-91'],
        ['-3', '-92'],
      ],
    );
  });

  it('of visits that nobody planned are not believed', async () => {
    const { kept, said } = await look({ sockets: [['["queue",666,6,-300,3,0]', pipe('666,6', -300, 10)]] }, [
      open(3),
    ]);
    assert.deepEqual([kept, said], [[], []]);
  });
});

describe('files in the tables of rings', () => {
  it('are told with the ring that keeps them', async () => {
    const grounds = madeUpGrounds(IN_RING, IN_RING['open-files']?.[0]);
    const kept = await lookIntoRingTables(grounds, []);
    assert.deepEqual(
      kept.map(({ keeper, how }) => [keeper, how]),
      [[RING, 2]],
    );
    assert.equal(grounds.runs.length, 1);
  });

  it('that are large are looked through once more, in as many visits as it takes', async () => {
    const kept = (visit: string, n: number) => `["kept",${visit},${RING},${-n},${-n}00,-5,15,77,4096,0]`;
    const grounds = madeUpGrounds(
      {
        'ring-files': [
          [kept('255,3', 1), '["rest",255,3]'],
          [kept(`@${RING_FILE}`, 1), `["rest",@${RING_FILE}]`, kept(`@${RING_FILE}#1`, 2)],
        ],
      },
      IN_RING['open-files']?.[0],
    );
    const files = new Set((await lookIntoRingTables(grounds, [])).map(({ file }) => file));
    assert.deepEqual(files, new Set(['-1', '-2']));
    assert.ok((grounds.runs[1]?.parameters.hidden?.[0]?.placeholder.visits ?? 0) > 1);
  });
});

describe('rings behind mappings', () => {
  const ring = (pid: number) => `["ring",${pid},-1,${RING_FILE},${RING},-5,14,936083,0]`;

  it('are those of processes that have no descriptor of them', () => {
    const { opened } = madeUpGrounds({}, IN_RING['open-files']?.[0]);
    const found = ringsBehindMappings(readLines([ring(255), ring(351), ring(351)]), opened);
    assert.deepEqual(
      found.map(({ pid, keeper, how, file, object }) => [pid, keeper, how, file, object]),
      [['351', '0', 3, RING_FILE, RING]],
    );
  });
});
