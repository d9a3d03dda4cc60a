/** Rows that cannot all be true are told as a finding about the trace; what they touch is likely, and nothing throws. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readModel } from '../../src/commands/recorded-model.ts';
import type { Event, InodeKey } from '../../src/event/event.ts';
import type { Header } from '../../src/event/header.ts';
import { findings, type Model, whoAnswer } from '../../src/model/model.ts';
import { readGoldens } from '../fixtures/golden.ts';
import { assertProperty } from '../property.ts';
import { traced } from './perturbed.ts';
import { at, header, hello, pipeEnd, play, regular, row, SHM, who } from './rows.ts';
import { LEASE } from './stories.ts';
import { actsArbitrary, happen } from './world.ts';

const KEY = '0:26:2' as InodeKey;
const [init, a, b] = [who(1, 'init'), who(10, 'a'), who(11, 'b')];
const end = pipeEnd(50, 70);
const file = regular(SHM, 60);
const lease = { file: 60, owner: 60, ...at(SHM), flags: LEASE, type: 1 };

const begin: readonly Event[] = [
  hello(),
  row(0.1, init, 'task.forked', { child: 10 }),
  row(0.2, a, 'task.executed'),
  row(1, a, 'fd.installed', { ...end, fd: 3 }),
  row(1.1, a, 'pin.taken', { object: 70, reach: 70, ...at(SHM), page: 7, pages: 2, via: 'vmsplice' }),
];
const dropped = (s: number, pages: number, left: number) =>
  row(s, a, 'pin.dropped', { object: 70, page: 7, pages, left, via: 'vmsplice' });
const released = (s: number, recorded = 10) =>
  row(s, a, 'lease.released', { ...lease, lease: 1, cause: 1, recorded });

function contradictionsIn(model: Model): string[] {
  return findings(model)
    .filter(({ id }) => id === 'trace-contradiction')
    .map(
      ({ text, certainty, severity }) => `${severity}, ${certainty}: ${text.split(': ')[1]?.split(';')[0]}`,
    );
}

function told(events: readonly Event[], withHeader: Header = header): string[] {
  return contradictionsIn(play([...begin, ...events], withHeader));
}

describe('contradictions', () => {
  test('a process that acts after its exit', () => {
    const exit = row(2, a, 'task.exited');
    const acts = row(3, a, 'fd.installed', { ...pipeEnd(51, 70), fd: 3 });
    assert.deepEqual(told([exit, acts]), ['note, definite: a[10] did something at +3.000 s, after its exit']);
    const born = row(2.5, init, 'task.forked', { child: 10 });
    assert.deepEqual(told([exit, born, acts]), [], 'the pid is another process by then');
    assert.deepEqual(
      told([exit, row(3, a, 'fd.closed', { ...end, fd: 3 })]),
      [],
      'an exit closes what it had',
    );
  });

  test('a pid that is given away before the exit of its process', () => {
    const born = row(3, init, 'task.forked', { child: 10 });
    assert.deepEqual(told([born]), [
      'note, definite: a[10] made way at +3.000 s for a new process with its pid, and its exit was not told',
    ]);
    assert.deepEqual(told([row(2, a, 'task.exited'), born]), []);
  });

  test('the last reference goes while somebody has a descriptor', () => {
    const gone = row(3, a, 'file.finalClosed', end);
    assert.deepEqual(told([gone]), [
      'note, definite: the last reference to an open file behind it went at +3.000 s, while a[10] had a descriptor of it',
    ]);
    assert.deepEqual(told([row(2, a, 'fd.closed', { ...end, fd: 3 }), gone]), []);
    assert.deepEqual(told([row(2, a, 'fd.closed', { ...end, fd: -1 }), gone]), [], 'its number was not told');
  });

  test('pages are left that were not taken, or more go than are there', () => {
    const text =
      'note, definite: the pages that were left at +2.000 s are not those that were taken and not released';
    assert.deepEqual(told([dropped(2, 1, 5)]), [text]);
    assert.deepEqual(told([dropped(2, 1, 0)]), [text]);
    assert.deepEqual(told([dropped(2, 1, 1), dropped(3, 1, 0)]), []);
    assert.deepEqual(told([dropped(2, 1, -1)]), [], 'the object is older than the trace');
  });

  test('a lease ends that nobody took, or that somebody else took', () => {
    const opened = row(2, a, 'fd.installed', { ...file, fd: 9 });
    const taken = row(2.5, a, 'lease.added', { ...lease, fd: 9 });
    const of = (name: string) => [
      `note, definite: a lease of ${name} ended or changed at +3.000 s that was not seen taken so`,
    ];
    assert.deepEqual(told([opened, released(3)]), of('a process'));
    assert.deepEqual(told([opened, taken, released(3, 11)]), of('a[10]'));
    assert.deepEqual(told([opened, taken, released(3)]), []);
    assert.deepEqual(told([released(3)]), [], 'its file may be older than the trace');
  });

  test('what it touches is likely from then on, and says why', () => {
    const before = whoAnswer(play([...begin, dropped(2, 1, 1)]), KEY);
    assert.deepEqual([before.certainty, before.holders[0]?.certainty], ['definite', 'definite']);
    const after = whoAnswer(play([...begin, dropped(2, 1, 5)]), KEY);
    assert.deepEqual([after.certainty, after.holders[0]?.certainty], ['likely', 'likely']);
    assert.match(after.reasons.join(), /the trace contradicts itself about this file at \+2\.000 s/);
    const ended = [
      row(2, a, 'fd.closed', { ...end, fd: 3 }),
      row(2, a, 'file.finalClosed', end),
      dropped(2, 2, 0),
    ];
    const later = [row(4, b, 'fd.installed', { ...file, fd: 9 }), released(5)];
    const holders = whoAnswer(play([...begin, ...ended, ...later]), KEY).holders;
    assert.deepEqual(
      holders.map(({ kind, certainty }) => [kind, certainty]),
      [
        ['pin', 'definite'],
        ['lease', 'likely'],
      ],
    );
  });

  test('the same over and over is one, with its number', () => {
    const often = Array.from({ length: 1000 }, (_, i) => dropped(2 + i / 1000, 0, 5));
    assert.match(told(often.slice(0, 1)).join(), /not released$/);
    assert.match(told(often).join(), /not released, \d+ times$/);
    assert.equal(told(often).length, 1);
  });

  test('rows that come late, and a run that follows only some, contradict nobody', () => {
    const late = row(1.05, a, 'file.finalClosed', end);
    assert.deepEqual(told([row(2, a, 'beat'), late]), []);
    const narrowed = { ...header, left_out: [{ path: 'filter', reason: 'only --pid 10' }] };
    assert.deepEqual(told([row(2, a, 'file.finalClosed', end)], narrowed), []);
  });

  test('a world of which every row is seen contradicts nothing, from the start and joined late with a walk', () => {
    assertProperty(
      fc.property(actsArbitrary, fc.nat(60), (acts, after) => {
        const world = happen(acts, after % acts.length);
        assert.deepEqual(contradictionsIn(play(traced(world, world.events))), []);
        const isShared = acts.some(({ act }) => act === 'thread');
        // That processes share a table no walk tells: what one of them closes seems to stay open in the other.
        if (!isShared) assert.deepEqual(contradictionsIn(play(traced(world, [hello(), ...world.late]))), []);
      }),
      300,
    );
  });

  for (const { name, path } of readGoldens()) {
    test(`${name}: a real kernel contradicts nothing`, async () => {
      const model = await readModel(path);
      assert.ok(model.ok);
      assert.deepEqual(contradictionsIn(model.value), []);
    });
  }
});
