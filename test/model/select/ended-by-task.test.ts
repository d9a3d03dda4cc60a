/** The index of ended leases and pins by process tells what a look at all of them tells, however many are forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyEvent, createModel, type Model } from '../../../src/model/model.ts';
import { createRing, pushRing } from '../../../src/model/ring.ts';
import { createEndedByTask, type EndedByTask, partakersOf } from '../../../src/model/select/ended-by-task.ts';
import { processAnswer } from '../../../src/model/select/process.ts';
import type { Ended, Task } from '../../../src/model/state.ts';
import { HEADER } from '../../dashboards/made-up-trace.ts';
import { eventsOfGolden, readGoldens } from '../../fixtures/golden.ts';
import { assertProperty } from '../../property.ts';
import { eventsArbitrary } from '../arbitrary.ts';
import { a, b, begin, c } from '../cast.ts';
import { at, play, regular, row, SHM } from '../rows.ts';
import { LEASE } from '../stories.ts';

const PIDS = [0, 1, 2, 3, 4, 5];

/** What had ended in the golden recordings, in the order of its end, and all processes. */
function goldenEnds(): { readonly ends: readonly Ended[]; readonly tasks: ReadonlySet<Task> } {
  const ends: Ended[] = [];
  const tasks = new Set<Task>();
  for (const golden of readGoldens()) {
    const model = createModel(golden.header);
    for (const event of eventsOfGolden(golden)) applyEvent(model, event);
    ends.push(...model.ended.items);
    for (const task of [...model.tasks.values(), ...model.exited.items]) tasks.add(task);
  }
  return { ends, tasks };
}

test('a process held what ended while it had a descriptor, and nothing of which it got one later', () => {
  const file = regular(SHM, 900);
  const lease = { file: 900, owner: 900, ...at(SHM), flags: LEASE };
  const model = play([
    ...begin,
    row(1, a, 'fd.installed', { ...file, fd: 9 }),
    row(1.1, a, 'lease.added', { ...lease, type: 1, fd: 9 }),
    row(1.2, a, 'fd.sent', { ...file, nth: 0, count: 1 }),
    row(1.3, b, 'fd.installed', { ...file, fd: 5, how: 1 }),
    row(2, a, 'lease.released', { ...lease, lease: 1, cause: 1, recorded: a.pid }),
    row(3, a, 'fd.sent', { ...file, nth: 0, count: 1 }),
    row(3.1, c, 'fd.installed', { ...file, fd: 6, how: 1 }),
  ]);
  const sharesOf = (pid: number): unknown => processAnswer(model, pid, [])?.holds.map(({ share }) => share);
  assert.deepEqual(
    [a, b, c].map(({ pid }) => sharesOf(pid)),
    [['held'], ['held'], []],
  );
});

test('with a ring that forgets, asked after any number of ends', () => {
  const { ends, tasks } = goldenEnds();
  assert.ok(ends.length > 500 && tasks.size > 200, `${ends.length} ends, ${tasks.size} processes`);
  assertProperty(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.nat(ends.length - 1),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
      (limit, start, batches) => {
        const ended = createRing<Ended>(limit);
        const index = createEndedByTask({ ended });
        let next = start;
        for (const batch of batches) {
          for (let count = 0; count < batch && next < ends.length; count += 1, next += 1) {
            const end = ends[next];
            if (end !== undefined) pushRing(ended, end);
            if (count % 3 === 0) index.note();
          }
          for (const task of tasks) {
            const expected = ended.items.filter(
              (each) => (each.kind === 'lease' || each.kind === 'pin') && partakersOf(each).has(task),
            );
            assert.deepEqual(new Set(index.of(task)), new Set(expected));
          }
        }
      },
    ),
    20,
  );
});

function assertProcesses(model: Model, ended: EndedByTask, pids: Iterable<number>): void {
  const keys = [...model.inodes.keys()];
  for (const pid of pids)
    assert.deepEqual(processAnswer(model, pid, keys, ended), processAnswer(model, pid, keys));
}

test('kept up event by event, processes are answered for as from a fresh look', () => {
  for (const golden of readGoldens()) {
    const model = createModel(golden.header);
    const ended = createEndedByTask(model);
    for (const [number, event] of eventsOfGolden(golden).entries()) {
      applyEvent(model, event);
      ended.note();
      if (number % 20 === 0) assertProcesses(model, ended, model.tasks.keys());
    }
    assertProcesses(model, ended, model.tasks.keys());
  }
});

test('the same whatever happened', () => {
  assertProperty(
    fc.property(eventsArbitrary(), (events) => {
      const model = createModel(HEADER);
      const ended = createEndedByTask(model);
      for (const [number, event] of events.entries()) {
        applyEvent(model, event);
        ended.note();
        if (number % 8 === 0) assertProcesses(model, ended, PIDS);
      }
    }),
    100,
  );
});
