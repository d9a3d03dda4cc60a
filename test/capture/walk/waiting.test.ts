/** Who waits: the page on a sleeper's stack ties it to who holds that page, or to nobody. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProcLease } from '../../../src/capture/procfs/locks.ts';
import { createMountTable } from '../../../src/capture/procfs/mounts.ts';
import type { Sleeper } from '../../../src/capture/procfs/sleepers.ts';
import { createRowContext } from '../../../src/capture/procfs/walk-row.ts';
import { lookAtFiles } from '../../../src/capture/walk/files.ts';
import { lookForWaiters } from '../../../src/capture/walk/waiting.ts';
import { walkOf } from '../../fixtures/walks.ts';
import { answerOf, ofKind } from './answer-of.ts';
import { type Canned, madeUpGrounds } from './canned.ts';
import { DEV, ENDS, openEnd, PAGE, pipeLines } from './scenes.ts';

const context = createRowContext(9e9, '/nowhere');

const sleeper = (tid: number, columns: Partial<Sleeper> = {}): Sleeper => ({
  pid: tid,
  tid,
  comm: 'cutter',
  op: 'truncate',
  on: 'dax-page',
  where: 'xfs_break_dax_layouts',
  detail: 'to 0 bytes',
  file: null,
  sinceNs: 4e9,
  stack: [],
  ...columns,
});

async function look(
  sleepers: readonly Sleeper[],
  waiters: readonly string[] = [],
  leases: readonly ProcLease[] = [],
) {
  const grounds = madeUpGrounds({ waiters: [waiters] });
  const mounts = createMountTable('/nowhere');
  const rows = await lookForWaiters(context, grounds.programs, { sleepers, leases, mounts });
  return { rows, runs: grounds.runs };
}

const waiter = (tid: number, references: number, bare: number, page = PAGE) =>
  `["waiter",${tid},${tid},${page},${DEV},131,0,${references},${bare}]`;

describe('sleepers', () => {
  it('are looked for on their stacks only where they wait for a page', async () => {
    const none = await look([sleeper(263, { on: 'lease-break', op: 'open' })]);
    assert.deepEqual(none.runs, []);
    const { runs } = await look([sleeper(263), sleeper(264, { on: 'inode-lock' })], [waiter(263, 2, 0)]);
    assert.deepEqual(
      runs.map(({ name, parameters }) => [name, parameters.waiters]),
      [['waiters', [263]]],
    );
  });

  it('with a page on the stack are told as a fact, once', async () => {
    const { rows } = await look([sleeper(263)], [waiter(263, 2, 0)]);
    assert.deepEqual(
      rows.map((row) => row.kind),
      ['walk.waiting'],
    );
    const [row] = ofKind(rows, 'walk.waiting');
    assert.deepEqual(
      [row?.pid, row?.dev, row?.ino, row?.page, row?.idle, row?.since, row?.detail, row?.source],
      [263, String(DEV), '131', PAGE, 0, 4e9, 'to 0 bytes', ''],
    );
  });

  it('without one are told by what /proc shows, or with what is missing', async () => {
    const { rows } = await look([sleeper(263), sleeper(264)], [waiter(263, 2, 0)]);
    assert.equal(ofKind(rows, 'walk.waiting').length, 1);
    assert.match(String(ofKind(rows, 'walk.gap')[0]?.reason), /process 264 waits in xfs_break_dax_layouts/);
  });

  it('that break a lease are in the kernel’s own list: a fact, though /proc shows it', async () => {
    const lease: ProcLease = {
      dev: DEV,
      ino: 137,
      kind: 'lease',
      isBreaking: true,
      type: 'none',
      pid: 261,
      breakers: [{ pid: 263, type: 'write' }],
    };
    const { rows, runs } = await look([sleeper(263, { on: 'lease-break', op: 'open' })], [], [lease]);
    const [row] = ofKind(rows, 'walk.waiting');
    assert.deepEqual([row?.ino, row?.on, row?.source, runs.length], [137, 'lease-break', '', 0]);
  });

  it('wait for an idle page where the file alone has it: one reference, or none from 6.15 on', async () => {
    const cases = [
      [1, 0, 1],
      [2, 0, 0],
      [0, 1, 1],
      [1, 1, 0],
    ] as const;
    for (const [references, bare, idle] of cases) {
      const { rows } = await look([sleeper(263)], [waiter(263, references, bare)]);
      assert.equal(ofKind(rows, 'walk.waiting')[0]?.idle, idle, `${references} references, bare ${bare}`);
    }
  });
});

describe('the answer', () => {
  const opened = [openEnd(300, 4, ENDS[0])];

  async function answer(canned: Canned, waiters: readonly string[]) {
    const grounds = madeUpGrounds(canned, opened);
    const { rows } = await lookAtFiles(context, grounds, {
      opened: [...grounds.opened.values()],
      isRingMapped: false,
    });
    const [began, ended] = walkOf(9e9, []);
    assert.ok(began && ended);
    return answerOf([began, ...rows, ...(await look([sleeper(263)], waiters)).rows, ended]);
  }

  it('ties who waits to who has the page', async () => {
    const { operations } = await answer({ pipes: [pipeLines('300,4')] }, [waiter(263, 2, 0)]);
    assert.deepEqual(
      operations.map(({ pid, op, waits }) => [pid, op, waits.map(({ blockers, idle }) => [blockers, idle])]),
      [[263, 'truncate', [[[300], undefined]]]],
    );
  });

  it('says that nobody has a page that is idle', async () => {
    const { operations, holders } = await answer({}, [waiter(263, 1, 0)]);
    assert.deepEqual(holders, []);
    assert.deepEqual(
      operations.map(({ waits }) => waits.map(({ blockers, idle }) => [blockers, idle])),
      [[[[], true]]],
    );
  });
});
