/** The first four stories as rows, and what must be concluded from them: findings, holders, operations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/event.ts';
import type { HeldBy, Holder } from '../../src/model/answer.ts';
import { reportAnswer } from '../../src/model/model.ts';
import { play } from './rows.ts';
import { handedOver, leaseBreak, rdmaHandedOver } from './stories.ts';

function conclude(events: readonly Event[]) {
  const report = reportAnswer(play(events));
  const [file, ...others] = report.files;
  assert.ok(file !== undefined && others.length === 0, 'one file has a story');
  assert.equal(report.certainty, 'definite');
  assert.equal(report.complete, true);
  assert.equal(report.rows.lost, 0);
  assert.equal(file.certainty, 'definite');
  return {
    report,
    file,
    findings: report.findings.map(({ id, certainty, pids }) => [id, certainty, ...pids]),
  };
}

function hands(holder: Holder | undefined): readonly Partial<HeldBy>[] {
  return (holder?.held_by ?? []).map(({ pid, comm, fds, how, from }) => ({ pid, comm, fds, how, from }));
}

test('lease-break: one open waited once for one holder, who unlocked', () => {
  const { file, findings } = conclude(leaseBreak());
  const [lease, ...more] = file.holders;
  assert.equal(more.length, 0);
  assert.equal(lease?.kind, 'lease');
  assert.deepEqual(lease.lease, {
    type: 'write',
    class: 'lease',
    state: 'ended',
    ended_by: 'unlock',
    since_ns: 1e9,
    ended_ns: 2.8e9,
  });
  assert.deepEqual(file.operations, [
    {
      op: 'open',
      pid: 406,
      comm: 'lease-break',
      state: 'done',
      result: 9,
      waited_ms: 701,
      waits: [{ on: 'lease-break', ms: 701, since_ns: 2.1002e9, ended_ns: 2.801e9, blockers: [405] }],
      started_ns: 2.1e9,
      ended_ns: 2.803e9,
      detail: 'to read',
      evidence: [],
    },
  ]);
  assert.deepEqual(findings, [['blocked-operation', 'definite', 406, 405]]);
});

for (const waits of ['once', 'page by page'] as const) {
  test(`handed-over, where truncate waits ${waits}: one wait of 5 s, for B`, () => {
    const { file, findings } = conclude(handedOver(waits));
    const [operation, ...more] = file.operations;
    assert.equal(more.length, 0, 'the truncate that made the file is forgotten');
    assert.equal(operation?.waits.length, 1);
    assert.deepEqual(operation.waits[0]?.blockers, [406]);
    assert.ok(Math.abs(operation.waited_ms - 5010) < 20, String(operation.waited_ms));
    assert.deepEqual(findings, [
      ['handed-over-without-lease', 'definite', 406, 405],
      ['pin-outlives-lease', 'definite', 405],
      ['holder-gone', 'definite', 405, 406],
      ['blocked-operation', 'definite', 404, 406],
    ]);
  });
}

test('handed-over, where truncate does not wait: it freed 16 pages under a pin that B held', () => {
  const { file, findings } = conclude(handedOver('not'));
  const [lease, pin] = file.holders;
  assert.equal(lease?.kind, 'lease');
  assert.equal(pin?.kind, 'pin');
  assert.equal(lease.lease.ended_by, 'close');
  assert.deepEqual(
    [pin.via, pin.pages, pin.bytes, pin.longterm, pin.object, pin.taken_by?.pid, pin.taken_by?.alive],
    ['vmsplice', 16, 65536, false, 'pipe', 405, false],
  );
  assert.deepEqual(hands(pin), [
    { pid: 406, comm: 'handed-over', fds: [3, 9], how: 'scm_rights', from: 405 },
  ]);
  assert.equal(pin.hand_overs.length, 1, 'both ends of the pipe went in one message');
  assert.deepEqual(pin.freed_by, { op: 'truncate', pid: 404, comm: 'handed-over', at_ns: 5.001e9 });
  assert.deepEqual(
    file.operations.map(({ op, result, waited_ms }) => [op, result, waited_ms]),
    [['truncate', 0, 0]],
  );
  assert.deepEqual(findings, [
    ['handed-over-without-lease', 'definite', 406, 405],
    ['pin-outlives-lease', 'definite', 405],
    ['holder-gone', 'definite', 405, 406],
    ['freed-under-pin', 'definite', 404, 406],
  ]);
});

test('rdma-handed-over: the memory region of a dead process, in B', () => {
  const { report, file, findings } = conclude(rdmaHandedOver());
  const pin = file.holders.find((holder) => holder.kind === 'pin');
  assert.deepEqual(hands(pin), [{ pid: 406, comm: 'rdma', fds: [3], how: 'scm_rights', from: 405 }]);
  assert.equal(pin?.object, 'RDMA memory region on rxe0');
  assert.deepEqual(findings, [
    ['handed-over-without-lease', 'definite', 406, 405],
    ['holder-gone', 'definite', 405, 406],
    ['pin-outlives-lease', 'definite', 405],
    ['freed-under-pin', 'definite', 404, 406],
  ]);
  assert.deepEqual(
    report.findings.map((finding) => finding.thread),
    [
      'Dave Chinner, 22 Aug 2019',
      'Ira Weiny, 21 Aug 2019',
      'Jason Gunthorpe, 25 Aug 2019',
      'Dave Chinner, 22 Aug 2019',
    ],
  );
});
