/** However long a trace runs, the model stays bounded; what it forgets is counted, and findings are not forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/model/limits.ts';
import { applyEvent, coverage, createModel, findings, type Model } from '../../src/model/model.ts';
import { at, EXT4, header, hello, pipeEnd, row, SHM, uverbs, who } from './rows.ts';
import { LEASE } from './stories.ts';

const a = who(10, 'a');

function fresh(): Model {
  const model = createModel(header);
  applyEvent(model, hello());
  return model;
}

test('ended leases are forgotten, oldest first, and their findings kept', () => {
  const model = fresh();
  const columns = { file: 1, owner: 1, ...at(EXT4), flags: LEASE, type: 1 };
  for (let i = 0; i < LIMITS.ended + 100; i++) {
    const s = 1 + i / 1e3;
    applyEvent(model, row(s, a, 'lease.added', { ...columns, fd: 3 }));
    // the first one is taken away by the kernel
    const cause = i === 0 ? 3 : 1;
    applyEvent(model, row(s + 5e-4, a, 'lease.released', { ...columns, lease: 1, cause, recorded: 10 }));
  }
  const [inode] = model.inodes.values();
  assert.equal(inode?.past.size, LIMITS.ended);
  assert.equal(coverage(model).evicted, 100);
  assert.deepEqual(
    findings(model).map(({ id, start_ns }) => [id, start_ns]),
    [['lease-break-timeout', 1.0005e9]],
  );
});

test('what a program does over and over stays one finding, also beyond the memory', () => {
  const model = fresh();
  applyEvent(model, row(1, a, 'fd.installed', { ...uverbs(60), fd: 3 }));
  const rounds = LIMITS.ended + 500;
  for (let i = 0; i < rounds; i++) {
    const s = 2 + i / 1e3;
    const pin = { object: 500 + i, reach: 60, ...at(SHM), page: 1, pages: 1, longterm: 1, via: 'rdma-mr' };
    applyEvent(model, row(s, a, 'pin.taken', pin));
    applyEvent(
      model,
      row(s + 1e-4, a, 'pin.dropped', { object: 500 + i, pages: 1, left: 0, via: 'rdma-mr' }),
    );
  }
  const [finding, ...others] = findings(model);
  assert.equal(others.length, 0);
  assert.match(finding?.text ?? '', new RegExp(`\\(${rounds.toLocaleString('en-US')} times\\)$`));
  assert.equal(finding?.start_ns, 2e9);
});

test('open files beyond the limit push out the oldest, and answers lose their certainty', () => {
  const model = fresh();
  for (let i = 0; i <= LIMITS.files; i++) {
    applyEvent(model, row(1, a, 'fd.installed', { ...pipeEnd(1000 + i, 1), fd: i }));
  }
  assert.equal(model.files.size, LIMITS.files);
  assert.equal(coverage(model).evicted, 1);
  assert.equal(model.coverage.forgotten, 1);
});

test('processes come and go without end', () => {
  const model = fresh();
  for (let i = 0; i < LIMITS.exitedTasks + 1000; i++) {
    const child = 1000 + i;
    applyEvent(model, row(1, a, 'task.forked', { child }));
    applyEvent(model, row(1, who(child, 'x'), 'task.exited'));
  }
  assert.equal(model.tasks.size, LIMITS.exitedTasks + 1);
  assert.equal(coverage(model).evicted, 0, 'nothing that matters was forgotten');
});

test('living processes beyond the limit push out the oldest', () => {
  const model = fresh();
  for (let i = 0; i < LIMITS.tasks + 10; i++)
    applyEvent(model, row(1, a, 'task.forked', { child: 1000 + i }));
  assert.equal(model.tasks.size, LIMITS.tasks);
  assert.ok(model.coverage.forgotten >= 10, String(model.coverage.forgotten));
});

test('files that are watched but idle make room for new ones', () => {
  const model = fresh();
  for (let ino = 0; ino < LIMITS.inodes + 10; ino++) {
    applyEvent(
      model,
      row(1, a, 'inode.named', { inode: ino, dev: '8:1', ino, depth: 0, name: 'x', fs: 'ext4' }),
    );
  }
  assert.equal(model.inodes.size, LIMITS.inodes);
});

test('threads that are in calls without end', () => {
  const model = fresh();
  for (let tid = 0; tid < LIMITS.threads + 10; tid++) {
    const by = { ...a, tid: 100 + tid };
    applyEvent(model, row(1, by, 'break.requested', at(EXT4)));
    applyEvent(model, row(1, by, 'truncate.began', { ...at(EXT4), from: 1, to: 0, how: 1 }));
  }
  assert.equal(model.breaks.size, LIMITS.threads);
  assert.equal(model.operations.size, LIMITS.threads);
});

test('hands of one file, extents of one pin, waits of one call', () => {
  const model = fresh();
  applyEvent(model, row(1, a, 'fd.installed', { ...pipeEnd(50, 70), fd: 3 }));
  const pin = { object: 70, reach: 70, ...at(SHM), pages: 1, via: 'vmsplice' };
  for (let i = 0; i < 1000; i++) {
    applyEvent(model, row(1 + i, a, 'pin.taken', { ...pin, page: i, index: i }));
    applyEvent(model, row(1 + i, a, 'task.forked', { child: 1000 + i }));
    applyEvent(model, row(1 + i, who(1000 + i, 'x'), 'task.exited'));
    applyEvent(model, row(1 + i, a, 'wait.began', { ...at(SHM), page: 1, on: 'dax-page' }));
    applyEvent(model, row(1.5 + i, a, 'wait.ended', at(SHM)));
  }
  const file = model.files.get(50 as never);
  assert.ok(file !== undefined);
  assert.equal(file.past.length, LIMITS.handsPerFile);
  assert.equal(file.handOvers.length, LIMITS.handsPerFile);
  const [held] = [...model.inodes.values()].flatMap((inode) => [...inode.pins]);
  assert.deepEqual([held?.extents.length, held?.taken], [LIMITS.extentsPerPin, 1000]);
  const [operation] = model.operations.values();
  assert.equal(operation?.waits.length, LIMITS.waitsPerOperation);
});

test('a walk of any length, and walks without end', () => {
  const model = fresh();
  for (let n = 0; n < 3; n++) {
    applyEvent(model, row(n, a, 'walk.began'));
    for (let i = 0; i < LIMITS.gaps + 10; i++) {
      applyEvent(model, row(n, a, 'walk.gap', { path: 'x', reason: String(i) }));
      applyEvent(model, row(n, a, 'walk.owner', { object: 9000 + i, pages: 2, seen: 1, via: 'vfio' }));
      applyEvent(model, row(n, a, 'walk.kept', { ...pipeEnd(50, 70), keeper: 2000 + i, how: 1 }));
      applyEvent(model, row(n, who(1000 + i, 'x'), 'walk.mapped', { ...at(SHM), bytes: 1, address: i }));
    }
    for (let pid = 100; pid < LIMITS.exitedTasks + 200; pid++) {
      const pin = { object: 70, reach: 70, ...at(SHM), page: pid, pages: 1, via: 'vmsplice', gone: 1 };
      applyEvent(model, row(n, who(pid, 'x'), 'walk.pinned', pin));
    }
    applyEvent(model, row(n, a, 'walk.ended', { acquired: -1 }));
  }
  const { walk } = model;
  assert.deepEqual([walk.gaps.length, walk.hidden.length], [LIMITS.gaps, LIMITS.gaps]);
  assert.equal(walk.gone.size, LIMITS.exitedTasks);
  assert.equal(model.files.get(50 as never)?.keepers.length, LIMITS.handsPerFile);
  const [inode] = model.inodes.values();
  assert.equal(inode?.mapped?.bytes.size, LIMITS.usersPerFile);
  const [pin] = inode?.pins ?? [];
  assert.deepEqual([pin?.extents.length, pin?.pages.length], [LIMITS.extentsPerPin, LIMITS.extentsPerPin]);
  assert.ok(model.anchors.size <= LIMITS.handsPerFile + 1, String(model.anchors.size));
  assert.ok(model.coverage.forgotten > 0, 'a keeper that is not remembered is said');
});
