/**
 * The model against a small kernel that knows the truth: with every row, each answer is the truth; whatever goes wrong
 * on the way of the rows, no answer that is called definite is wrong.
 *
 *   npm run test:stories                          a hundred thousand stories
 *   WHOPINS_RUNS=200 npm test -- model/truth      as many for each property
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BootNs, Event, InodeKey, RowEvent } from '../../src/event/event.ts';
import { createReorderBuffer, DEFAULT_WINDOW_NS } from '../../src/event/reorder.ts';
import type { Holder, WhoAnswer } from '../../src/model/answer.ts';
import { applyEvent, type Model, reportAnswer, whoAnswer } from '../../src/model/model.ts';
import { assertProperty } from '../property.ts';
import { allClaims, definiteClaims } from './claims.ts';
import { delay, double, lose, traced } from './perturbed.ts';
import { hello, type Place, play } from './rows.ts';
import { actsArbitrary, happen, PLACES, type TrueHolder, type World } from './world.ts';

function claimOf(holder: Holder): TrueHolder {
  return {
    kind: holder.kind,
    takenBy: holder.taken_by?.pid ?? 0,
    pages: holder.kind === 'pin' ? holder.pages : 0,
    heldBy: holder.held_by
      .map(({ pid, fds }) => ({ pid, fds: [...fds] }))
      .sort((one, other) => one.pid - other.pid),
    inFlight: holder.in_flight,
    state: holder.kind === 'lease' ? holder.lease.type : holder.freed_by === undefined ? '' : 'freed',
  };
}

function sorted(holders: readonly TrueHolder[]): string[] {
  return holders.map((holder) => JSON.stringify(holder)).sort();
}

function answerAbout(model: Model, place: Place): WhoAnswer {
  return whoAnswer(model, `${place.dev}:${place.ino}` as InodeKey);
}

function liveHolders(answer: WhoAnswer): Holder[] {
  return answer.holders.filter((holder) => holder.ended_ns === undefined);
}

/** Nothing that is called definite is wrong: about who holds what now, and about all that the trace told. */
function assertHonest(world: World, model: Model): void {
  for (const place of PLACES) {
    const answer = answerAbout(model, place);
    const truth = sorted(world.holdersOf(place));
    for (const holder of liveHolders(answer)) {
      if (holder.certainty !== 'definite') continue;
      assert.ok(truth.includes(JSON.stringify(claimOf(holder))), JSON.stringify([claimOf(holder), truth]));
    }
    if (answer.certainty === 'definite') assert.deepEqual(sorted(liveHolders(answer).map(claimOf)), truth);
  }
  const whole = allClaims(reportAnswer(play(traced(world, world.events))));
  const wrong = definiteClaims(reportAnswer(model)).filter((claim) => !whole.has(claim));
  assert.deepEqual(wrong, []);
}

test('with every row, who holds what is the truth, descriptor by descriptor', () => {
  assertProperty(
    fc.property(actsArbitrary, (acts) => {
      const world = happen(acts);
      const model = play(traced(world, world.events));
      for (const place of PLACES) {
        const claims = liveHolders(answerAbout(model, place)).map(claimOf);
        assert.deepEqual(sorted(claims), sorted(world.holdersOf(place)));
      }
    }),
    500,
  );
});

test('with every row, the way from hand to hand is the truth, of any length', () => {
  assertProperty(
    fc.property(actsArbitrary, (acts) => {
      const world = happen(acts);
      const model = play(traced(world, world.events));
      for (const place of PLACES) {
        const name = `${place.dev}:${place.ino}`;
        const holders = liveHolders(answerAbout(model, place));
        const told = new Set(
          holders.flatMap(({ hand_overs }) =>
            hand_overs.map(({ how, from, to }) => `${name} ${how} ${from?.pid} ${to?.pid}`),
          ),
        );
        // Which of several senders' messages was received no row tells, and the answer says so.
        const isSure = holders.every(({ certainty }) => certainty === 'definite');
        const missing = [...world.steps].filter((step) => step.startsWith(`${name} `) && !told.has(step));
        if (isSure) assert.deepEqual(missing, []);
      }
    }),
    500,
  );
});

test('rows that are out of order within the window change nothing', () => {
  const late = fc.array(fc.nat(DEFAULT_WINDOW_NS - 1), { minLength: 1, maxLength: 20 });
  assertProperty(
    fc.property(actsArbitrary, late, (acts, delays) => {
      const world = happen(acts);
      const arrival = (row: RowEvent, i: number) => row.ts + (delays[i % delays.length] ?? 0);
      const order = world.events.map((row, i) => ({ row, at: arrival(row, i) }));
      order.sort((one, other) => one.at - other.at);
      const buffer = createReorderBuffer();
      const sortedRows: Event[] = [];
      for (const { row } of order) buffer.push(row, sortedRows);
      buffer.flush(sortedRows);
      assert.deepEqual(
        reportAnswer(play(traced(world, sortedRows))),
        reportAnswer(play(traced(world, world.events))),
      );
    }),
    500,
  );
});

test('with lost rows that the kernel counted, nothing definite is wrong', () => {
  // One or two lost rows are the hard case: much loss makes everything doubtful anyway.
  const losses = fc.array(fc.nat(500), { minLength: 1, maxLength: 2 });
  assertProperty(
    fc.property(actsArbitrary, losses, (acts, lost) => {
      const world = happen(acts);
      const seen = lose(world.events, lost);
      assertHonest(world, play(traced(world, seen, world.events)));
    }),
    1000,
  );
});

test('with rows that come twice, nothing definite is wrong', () => {
  const twice = fc.array(fc.tuple(fc.nat(500), fc.nat(20)), { minLength: 1, maxLength: 2 });
  assertProperty(
    fc.property(actsArbitrary, twice, (acts, copies) => {
      const world = happen(acts);
      const seen = double(world.events, copies);
      assertHonest(world, play(traced(world, seen, world.events)));
    }),
    500,
  );
});

test('with rows that come too late to be put in order, nothing definite is wrong', () => {
  const delays = fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 40 })), {
    minLength: 1,
    maxLength: 2,
  });
  assertProperty(
    fc.property(actsArbitrary, delays, (acts, delayed) => {
      const world = happen(acts);
      const seen = delay(world.events, delayed);
      assertHonest(world, play(traced(world, seen, world.events)));
    }),
    500,
  );
});

test('whoever begins in the middle, without a walk, calls nothing definite that is wrong', () => {
  assertProperty(
    fc.property(actsArbitrary, fc.nat(60), (all, after) => {
      // A program that was started while traced is taken to have inherited nothing.
      const acts = all.filter(({ act }) => act !== 'exec');
      if (acts.length === 0) return;
      const world = happen(acts, after % acts.length);
      const first = world.rest[0]?.ts ?? (0 as BootNs);
      const begin = { ...hello(), ts: Math.max(0, first - 1) as BootNs };
      const model = play(traced(world, [begin, ...world.rest.filter(({ kind }) => kind !== 'hello')]));
      for (const place of PLACES) {
        const answer = answerAbout(model, place);
        const truth = sorted(world.holdersOf(place));
        for (const holder of liveHolders(answer)) {
          if (holder.certainty !== 'definite') continue;
          assert.ok(
            truth.includes(JSON.stringify(claimOf(holder))),
            JSON.stringify([claimOf(holder), truth]),
          );
        }
      }
    }),
    500,
  );
});

test('a checkpoint at any moment, and the rest, equal the whole', () => {
  assertProperty(
    fc.property(actsArbitrary, fc.nat(500), (acts, at) => {
      const world = happen(acts);
      const all = traced(world, world.events);
      const cut = at % all.length;
      const copy = structuredClone(play(all.slice(0, cut)));
      for (const event of all.slice(cut)) applyEvent(copy, event);
      assert.deepEqual(reportAnswer(copy), reportAnswer(play(all)));
    }),
    500,
  );
});

/** The same without who took it, which a walk cannot tell of all: pins in the same hands count as one. */
function merged(holders: readonly TrueHolder[]): string[] {
  const pages = new Map<string, number>();
  for (const { kind, heldBy, inFlight, pages: own } of holders) {
    const name = JSON.stringify({ kind, heldBy, inFlight });
    pages.set(name, (pages.get(name) ?? 0) + own);
  }
  return [...pages].map(([name, sum]) => `${name} ${sum}`).sort();
}

test('whoever comes late knows the truth by a walk and the events since, and calls certain what the walk found', () => {
  assertProperty(
    fc.property(actsArbitrary, fc.nat(60), fc.boolean(), (all, after, isTraced) => {
      // That processes share a table no walk tells.
      const acts = all.filter(({ act }) => act !== 'thread');
      if (acts.length === 0) return;
      const cut = isTraced ? after % acts.length : acts.length - 1;
      const world = happen(isTraced ? acts : [...acts, { act: 'close', who: 0, what: 0 }], cut);
      const model = play(isTraced ? traced(world, [hello(), ...world.late]) : world.late);
      for (const place of PLACES) {
        const answer = answerAbout(model, place);
        assert.deepEqual(merged(liveHolders(answer).map(claimOf)), merged(world.holdersOf(place)));
        const found = liveHolders(answer).filter(({ origin }) => origin === 'snapshot');
        // Who has it is certain; which of several senders handed it over need not be.
        const doubts = found.flatMap(({ reasons }) => reasons.filter((each) => !MAY_DOUBT.test(each)));
        assert.deepEqual(doubts, []);
      }
    }),
    500,
  );
});

const MAY_DOUBT = /^who handed it|^several processes may have handed it on/;
