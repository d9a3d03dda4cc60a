/** Owners and their pages, put together from the visits at which they were printed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutGroups, type PlaceOf, pagesIn, readOwners } from '../../../src/capture/walk/owners.ts';
import { readLines } from './canned.ts';
import { DEV, PIPE, pipeLines } from './scenes.ts';

/** Descriptors below 100 are ends of one pipe; from 100 on they are visits of one large object, four in all. */
const placeOf: PlaceOf = ({ pid, fd }) => {
  if (pid === '666') return null;
  const key = `${pid}:${fd}`;
  return Number(fd) < 100
    ? { file: `-${fd}`, object: PIPE, group: key, visits: 1 }
    : { file: '-77', object: '-700', group: '-77', visits: 4 };
};

const owner = (visit: string, object = '-700', entries = 500) =>
  `["owner",${visit},${object},${entries},0,0]`;
const pages = (visit: string, index: number, count: number, { object = '-700', mapping = '-9' } = {}) =>
  `["pages",${visit},${object},-4096,7,${DEV},131,${index},${count},${count * 4096},${mapping}]`;
const rest = (visit: string) => `["rest",${visit}]`;

const read = (lines: readonly string[]) => readOwners(readLines(lines), 'vmsplice', placeOf);

describe('owners', () => {
  it('are told once, by however many descriptors one is reached', () => {
    const [found, ...more] = read([...pipeLines('256,3'), ...pipeLines('256,4'), ...pipeLines('300,3')]);
    assert.deepEqual(more, []);
    assert.deepEqual([found?.object, found?.reach, found?.whole], [PIPE, PIPE, true]);
    assert.equal(pagesIn(found?.runs ?? []), 4);
  });

  it('of a region are reached by the open file, not by what it leads to', () => {
    const lines = readLines([owner('1,3', '-800'), owner('1,4', '-800')]);
    assert.deepEqual(
      readOwners(lines, 'rdma-mr', placeOf).map(({ reach }) => reach),
      ['-3', '-4'],
    );
  });

  it('that no descriptor of ours or of the list leads to are left out', () => {
    assert.deepEqual(read(pipeLines('666,3')), []);
    assert.deepEqual(read([owner('1,3', PIPE), ...pipeLines('666,3').slice(1)])[0]?.runs, []);
  });

  it('are put together from all visits, and runs that a visit cut are one again', () => {
    const [found, ...more] = read([
      owner('9,100'),
      pages('9,100', 0, 190),
      rest('9,100'),
      pages('9,101', 190, 190),
      rest('9,101'),
      pages('9,102', 380, 20),
      pages('9,102', 1000, 100),
    ]);
    assert.deepEqual(more, []);
    assert.deepEqual(
      found?.runs.map(({ index, pages: count, bytes }) => [index, count, bytes]),
      [
        ['0', '400', String(400 * 4096)],
        ['1000', '100', String(100 * 4096)],
      ],
    );
    assert.equal(found?.whole, true);
  });

  it('keep runs apart that do not follow each other in one mapping', () => {
    const [found] = read([
      owner('1,3', PIPE),
      pages('1,3', 0, 2, { object: PIPE }),
      pages('1,3', 2, 2, { object: PIPE, mapping: '-17' }),
      pages('1,3', 5, 1, { object: PIPE, mapping: '-17' }),
    ]);
    assert.equal(found?.runs.length, 3);
  });

  it('know that they were cut when the last of their visits left something over', () => {
    const lines = [owner('9,100'), ...[100, 101, 102, 103].map((fd) => rest(`9,${fd}`))];
    assert.deepEqual([...cutGroups(readLines(lines), placeOf)], ['-77']);
    assert.equal(read(lines)[0]?.whole, false);
    assert.deepEqual([...cutGroups(readLines(lines.slice(0, -1)), placeOf)], []);
    assert.deepEqual([...cutGroups(readLines([rest('1,3'), rest('666,3')]), placeOf)], ['1:3']);
  });

  it('count as the visit told them that saw all', () => {
    const cut = [owner('1,3', PIPE, 300), pages('1,3', 0, 190, { object: PIPE }), rest('1,3')];
    const whole = [owner('1,4', PIPE, 300), pages('1,4', 0, 300, { object: PIPE })];
    for (const lines of [
      [...cut, ...whole],
      [...whole, ...cut],
    ]) {
      const [found, ...more] = read(lines);
      assert.deepEqual([more.length, found?.whole, pagesIn(found?.runs ?? [])], [0, true, 300]);
    }
  });
});
