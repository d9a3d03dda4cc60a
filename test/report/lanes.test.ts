/** Lanes of a file in plain ASCII: what each mark means, and what is drawn where there is no room. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { columnOf } from '../../src/base/lanes.ts';
import type { Event } from '../../src/event/event.ts';
import { reportAnswer, timelines } from '../../src/model/model.ts';
import { axisText } from '../../src/report/axis.ts';
import { drawLanes, legendText } from '../../src/report/lanes.ts';
import { reportText } from '../../src/report/report-text.ts';
import { lose, traced } from '../model/perturbed.ts';
import { at, fired, header, hello, play, row, SHM, who } from '../model/rows.ts';
import { LEASE, rdmaHandedOver, until } from '../model/stories.ts';
import { B, C, D, held, kept, pinned, pipeOf, READ_END, ring, sleeping, walk } from '../model/walked.ts';
import { actsArbitrary, happen } from '../model/world.ts';
import { assertProperty } from '../property.ts';

/** The drawing of the only file, its legend last. */
function drawn(events: readonly Event[]): readonly string[] {
  const model = play(events);
  const report = reportAnswer(model);
  const [file] = report.files;
  assert.ok(file !== undefined && report.files.length === 1);
  const drawing = drawLanes(file, timelines(model)[0] ?? [], report);
  return [...drawing.lines, legendText([drawing])];
}

const COLUMNS = { ...at(SHM), flags: LEASE, type: 1 };
const taken = (s: number, pid: number, comm = 'a') =>
  row(s, who(pid, comm), 'lease.added', { ...COLUMNS, file: pid, owner: pid, fd: 9 });
const unlocked = (s: number, pid: number) =>
  row(s, who(pid, 'a'), 'lease.released', {
    ...COLUMNS,
    lease: 1,
    file: pid,
    owner: pid,
    cause: 1,
    recorded: pid,
  });

describe('lanes', () => {
  test('what lasts at the end of the trace is open', () => {
    assert.deepEqual(drawn(until(5.5, rdmaHandedOver())), [
      '  seconds          |1            |2             |3             |4             |5',
      '  lease rdma[405]  [=============================================]',
      '  pin rdma[405]                    [==========================================x>',
      '    in rdma[406]                                  [============================>',
      '[ begins, ] ends, > goes on, x pages freed',
    ]);
  });

  test('what a walk found was there before, and so was a wait', () => {
    const rows = [hello(9), ...walk(10, [...pipeOf(B), pinned(), sleeping(C)]), row(14, D, 'beat')];
    assert.deepEqual(drawn(rows), [
      '  seconds             |0         |1         |2          |3         |4',
      '  truncate prog[222]  <........................................................>',
      '  pin                            <=============================================>',
      '    in prog[209]                 <=============================================>',
      '< began before, > goes on',
    ]);
  });

  test('what keeps it besides a descriptor has a lane that says so', () => {
    const mapping = [kept('mapping', READ_END, 0, D), pinned()];
    assert.match(drawn(walk(10, mapping)).join('\n'), / mapped by other\[172\] /);
    const registered = [kept('ring', READ_END, 70), held(D, 3, ring(71, 70)), pinned()];
    assert.match(drawn(walk(10, registered)).join('\n'), / in a ring of other\[172\] /);
  });

  test('where rows were lost a lane says when', () => {
    const beat = (s: number, closed: number) => [
      row(s, who(1, 'bpftrace'), 'beat'),
      fired(s, { hello: 1, 'lease.added': 1, 'fd.closed': closed, beat: s - 1 }),
    ];
    const beats = [2, 3, 4, 5, 6, 7].flatMap((s) => beat(s, s < 5 ? 0 : 2));
    assert.deepEqual(drawn([hello(), taken(1, 10), ...beats, unlocked(9, 10)]), [
      '  seconds      |1      |2      |3      |4      |5      |6      |7      |8',
      '  lease a[10]  [===============================================================]',
      '  rows lost                            ?????????????????',
      '[ begins, ] ends, ? rows lost',
    ]);
  });

  test('begun and ended in one cell, over and over, is one lane with its number', () => {
    const often = [1, 2, 3].flatMap((s) => [taken(s, 10), unlocked(s + 1e-4, 10)]);
    assert.deepEqual(drawn([hello(), ...often]), [
      '  seconds         |1.0           |1.5           |2.0           |2.5',
      '  lease a[10] x3  #                             #                             []',
      '[ begins, ] ends, # both',
    ]);
  });

  test('a long name is cut, its pid is not; what has no room is counted', () => {
    const many = Array.from({ length: 14 }, (_, i) =>
      taken(1 + i, 4_000_000 + i, '\u001b[31m漢字漢字漢字漢字'),
    );
    const lines = drawn([hello(), ...many]);
    assert.equal(lines.length, 1 + 10 + 1 + 1);
    assert.match(lines[1] ?? '', /^ {2}lease \\x1b\[31m漢字漢字漢~\[4000004\] /);
    assert.equal(lines.at(-2), '  4 more lanes left out');
  });

  test('a report of any world is at most 80 columns wide, in ASCII, and the same each time', () => {
    assertProperty(
      fc.property(actsArbitrary, fc.array(fc.nat(500), { maxLength: 3 }), (acts, lost) => {
        const world = happen(acts);
        const tell = () => {
          const model = play(traced(world, lose(world.events, lost), world.events));
          return reportText(reportAnswer(model), timelines(model), header);
        };
        const text = tell();
        for (const line of text.split('\n')) assert.match(line, /^[\x20-\x7e]{0,80}$/);
        assert.equal(tell(), text);
      }),
      200,
    );
  });
});

describe('the axis', () => {
  test('each number stands at the cell of its moment, and has room', () => {
    const moment = fc.oneof(fc.nat(1e6), fc.nat(1e9), fc.nat(1e12), fc.nat(1e15));
    assertProperty(
      fc.property(moment, moment, fc.integer({ min: 1, max: 1e13 }), (origin, from, length) => {
        const window = { fromNs: from, toNs: from + length };
        const axis = axisText(window, origin, 50);
        assert.ok(axis.length <= 50);
        for (const { 0: tick, 1: seconds, index } of axis.matchAll(/\|(-?[\d.]+)/g)) {
          // Whole nanoseconds: a window of one has cells that are finer than a double tells of days.
          const ns = origin + Math.round(Number(seconds) * 1e9);
          assert.equal(columnOf(ns, window, 50), index, tick);
        }
        assert.doesNotMatch(axis, /\d\|/);
      }),
      500,
    );
  });
});
