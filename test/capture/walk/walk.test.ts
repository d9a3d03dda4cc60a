/**
 * Walks over a made-up kernel, end to end: what the programs print goes in, an answer comes out. bpftrace is a stand-in,
 * with real processes; /proc is that of this machine, and none of these files is on it.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { walkKernel } from '../../../src/capture/walk/walk.ts';
import type { RawRow } from '../../../src/event/encode.ts';
import { isAlive, until } from '../../fixtures/whopins.ts';
import { answerOf, handsIn, ofKind, pinsIn } from './answer-of.ts';
import { fakeIterators, type Scenario } from './fake-iterators.ts';
import { madeUpKernel } from './made-up-kernel.ts';
import { IN_FLIGHT, IN_RING, LEASED, PIPE, REGION } from './scenes.ts';

async function walk(t: TestContext, scenario: Scenario, kernel = madeUpKernel()) {
  const { ran } = await fakeIterators(t, scenario);
  const rows = await walkKernel({ offers: kernel });
  return { rows, ran: ran().map(({ name }) => name) };
}

const gapsIn = (rows: readonly RawRow[]) =>
  ofKind(rows, 'walk.gap').map(({ path, reason }) => `${path}: ${reason}`);

describe('the walk', () => {
  it('follows a pipe into the socket whose queue it waits in', async (t) => {
    const { rows, ran } = await walk(t, { canned: IN_FLIGHT });
    assert.deepEqual(gapsIn(rows), []);
    const given = answerOf(rows);
    assert.deepEqual(handsIn(given), ['256 4 socket-queue']);
    const [pin, ...more] = pinsIn(given);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [pin?.via, pin?.pages, pin?.in_flight, pin?.certainty, pin?.evidence[0]],
      ['vmsplice', 4, true, 'definite', `pipe 0x${BigInt.asUintN(64, BigInt(PIPE)).toString(16)}`],
    );
    assert.ok(!ran.includes('regions') && !ran.includes('rings'), 'only what is worth its start is started');
  });

  it('finds a pipe in the table of a ring', async (t) => {
    const { rows } = await walk(t, { canned: IN_RING });
    const given = answerOf(rows);
    assert.deepEqual(handsIn(given), ['255 3 io_uring-file']);
    assert.deepEqual(
      pinsIn(given).map(({ pages, certainty }) => [pages, certainty]),
      [[4, 'definite']],
    );
  });

  it('names who registered a region, though that process is gone, and who keeps it', async (t) => {
    const { rows } = await walk(t, { canned: REGION });
    const given = answerOf(rows);
    assert.deepEqual(handsIn(given), ['423 3 descriptor']);
    const [pin] = pinsIn(given);
    assert.deepEqual(
      [pin?.pages, pin?.bytes, pin?.object, pin?.taken_by?.pid, pin?.taken_by?.comm, pin?.taken_by?.alive],
      [256, 1_048_576, 'RDMA memory region on rxe0', 424, 'rdma', false],
    );
  });

  it('tells a lease and who has its file', async (t) => {
    const { rows } = await walk(t, { canned: LEASED });
    const given = answerOf(rows, '259:0:137');
    assert.deepEqual(handsIn(given), ['261 3 descriptor']);
    const [lease] = given.holders;
    assert.equal(lease?.kind === 'lease' && lease.lease.type, 'write');
  });

  it('lies between its beginning and its end, which counts the gaps', async (t) => {
    const { rows } = await walk(t, { canned: {}, fails: { 'open-files': 'ERROR: no' } });
    assert.deepEqual([rows[0]?.kind, rows.at(-1)?.kind], ['walk.began', 'walk.ended']);
    const [ended] = ofKind(rows, 'walk.ended');
    assert.equal(ended?.gaps, ofKind(rows, 'walk.gap').length);
  });
});

describe('the walk where a program fails', () => {
  it('tells all that the others find, and what could not be looked into', async (t) => {
    const canned = { ...REGION, 'open-files': [[...open(IN_FLIGHT), ...open(REGION)]] };
    const { rows } = await walk(t, { canned, fails: { sockets: 'ERROR: Failed to load program' } });
    assert.deepEqual(gapsIn(rows), [
      "fd-passing: the walk's program sockets could not be run: ERROR: Failed to load program",
    ]);
    assert.deepEqual(handsIn(answerOf(rows)), ['423 3 descriptor']);
  });

  it('does without one that this kernel cannot have', async (t) => {
    const canned = { ...IN_FLIGHT, 'open-files': [[...open(IN_FLIGHT), ...open(REGION)]] };
    const kernel = madeUpKernel(['ib_uverbs/ib_uverbs_file.uobjects']);
    const { rows } = await walk(t, { canned }, kernel);
    assert.deepEqual(gapsIn(rows), [
      'rdma-mr: memory regions of RDMA (ib_uverbs is not loaded, or has no type information)',
    ]);
    assert.deepEqual(handsIn(answerOf(rows)), ['256 4 socket-queue']);
  });

  it('looks into /proc where descriptors cannot be visited at all, and says why', async (t) => {
    const { rows, ran } = await walk(t, { canned: {}, fails: { 'open-files': 'ERROR: no BPF for you' } });
    assert.deepEqual(ran, ['open-files']);
    assert.ok(
      gapsIn(rows).includes("walk: the walk's program open-files could not be run: ERROR: no BPF for you"),
    );
    // What only the walk through /proc says, where processes have pipes: as this one has.
    assert.ok(gapsIn(rows).some((gap) => gap.startsWith('vmsplice: pages in pipes')));
    assert.equal(ofKind(rows, 'walk.began').length, 1);
    assert.equal(ofKind(rows, 'walk.ended').length, 1);
  });

  it('uses nothing that a failed program printed', async (t) => {
    const { rows } = await walk(t, { canned: IN_FLIGHT, fails: { pipes: 'ERROR: printed, then failed' } });
    assert.deepEqual(ofKind(rows, 'walk.pinned'), []);
  });
});

it('a walk that is stopped leaves no bpftrace behind', async (t) => {
  const { ran } = await fakeIterators(t, { canned: {}, hangs: ['open-files'] });
  const stop = new AbortController();
  const walking = walkKernel({ offers: madeUpKernel(), signal: stop.signal }).catch(() => null);
  await until(() => ran().some(({ pid }) => pid > 0), 'a program was started');
  stop.abort();
  await walking;
  for (const { pid } of ran()) await until(() => !isAlive(pid), `bpftrace ${pid} ended`);
});

function open(canned: Scenario['canned']): readonly string[] {
  return canned['open-files']?.[0] ?? [];
}
