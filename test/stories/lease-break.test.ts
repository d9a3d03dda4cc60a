/** The conclusion of lease-break must be able to fail: one break that became many, or was somebody else's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeaseState, Operation, Wait } from '../../src/model/answer.ts';
import type { StoryRun, TruthRow } from '../lab/story.ts';
import { leaseBreak } from './lease-break.ts';
import { runOfHandedOver } from './right-answers.ts';

const [MAIN, HOLDER, OPENER] = [500, 501, 502];
const FILE = { file: '/mnt/ext4/lease-break', dev: '254:16', ino: 12 };
const comm = 'lease-break';

const truth: readonly TruthRow[] = [
  { t_ns: 1e9, pid: MAIN, comm, did: 'file-made', ...FILE, pages: 4 },
  { t_ns: 2e9, pid: HOLDER, comm, did: 'lease-taken', ...FILE, fd: 4, type: 'write' },
  { t_ns: 3e9, pid: OPENER, comm, did: 'open-began', ...FILE, mode: 'read' },
  { t_ns: 3.01e9, pid: HOLDER, comm, did: 'signalled', signal: 29 },
  { t_ns: 3.7e9, pid: HOLDER, comm, did: 'lease-released', ...FILE, fd: 4 },
  { t_ns: 3.71e9, pid: OPENER, comm, did: 'open-ended', ...FILE, mode: 'read', result: 4, waited_ms: 710 },
];

const lease: LeaseState = {
  type: 'write',
  class: 'lease',
  state: 'ended',
  ended_by: 'unlock',
  since_ns: 2e9,
  ended_ns: 3.7e9,
};
const wait: Wait = { on: 'lease-break', ms: 700, since_ns: 3e9, ended_ns: 3.7e9, blockers: [HOLDER] };

function answer(endedBy: LeaseState['ended_by'], operation: Partial<Operation>): StoryRun {
  const { ino } = FILE;
  const target = { dev: FILE.dev, ino, path: FILE.file, fs: 'ext4' };
  const taker = { pid: HOLDER, comm, alive: false };
  const opened: Operation = {
    op: 'open',
    pid: OPENER,
    comm,
    state: 'done',
    result: 4,
    waited_ms: 700,
    waits: [wait],
    started_ns: 3e9,
    ended_ns: 3.71e9,
    detail: 'for reading',
    evidence: [],
    ...operation,
  };
  return runOfHandedOver({
    run: { kernel: '6.1', truth },
    report: { findings: [] },
    file: {
      target,
      operations: [opened],
      holders: [
        {
          kind: 'lease',
          lease: endedBy === undefined ? lease : { ...lease, ended_by: endedBy },
          taken_by: taker,
          held_by: [],
          hand_overs: [],
          in_flight: false,
          since_ns: 2e9,
          ended_ns: 3.7e9,
          origin: 'observed',
          evidence: [],
          certainty: 'definite',
          reasons: [],
          stops_truncate: 'no',
        },
      ],
    },
  });
}

test('one break of one lease is agreed with', () => {
  assert.deepEqual(leaseBreak.check(answer('unlock', {})), []);
});

test('a break that became many is complained about', () => {
  const rounds = Array.from({ length: 35 }, (): Wait => ({ ...wait, ms: 20 }));
  const complaints = leaseBreak.check(answer('unlock', { waits: rounds }));
  assert.deepEqual(complaints, ['open: number of waits: whopins says 35, the truth is 1']);
});

test('a lease that ended otherwise is complained about', () => {
  assert.match(leaseBreak.check(answer('timeout', {})).join('\n'), /lease: state: whopins says .*"timeout"/);
});

test('an open that waited on something else is complained about', () => {
  const complaints = leaseBreak.check(answer('unlock', { waits: [{ ...wait, on: 'dax-page' }] }));
  assert.match(complaints.join('\n'), /open: waits on: whopins says \["dax-page"\]/);
});
