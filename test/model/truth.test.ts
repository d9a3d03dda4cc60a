/**
 * The model against a small kernel that knows the truth: with every row, each answer is the truth; with rows missing
 * that the kernel counted, no answer that is called definite is wrong.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event, InodeKey } from '../../src/event/event.ts';
import type { Holder, WhoAnswer } from '../../src/model/answer.ts';
import { type Model, whoAnswer } from '../../src/model/model.ts';
import { assertProperty } from '../property.ts';
import { bye, hello, type Place, play, settled } from './rows.ts';
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
  };
}

function sorted(holders: readonly TrueHolder[]): string[] {
  return holders.map((holder) => JSON.stringify(holder)).sort();
}

function answerAbout(model: Model, place: Place): WhoAnswer {
  return whoAnswer(model, `${place.dev}:${place.ino}` as InodeKey);
}

function liveClaims(answer: WhoAnswer): TrueHolder[] {
  return answer.holders.filter((holder) => holder.ended_ns === undefined).map(claimOf);
}

function ending(world: World, seen: readonly Event[], missing: Readonly<Record<string, number>>): Event[] {
  const all = [...seen, bye(world.endS)];
  return [...all, settled(world.endS, all, missing)];
}

test('with every row, who holds what is the truth, descriptor by descriptor', () => {
  assertProperty(
    fc.property(actsArbitrary, (acts) => {
      const world = happen(acts);
      const model = play(ending(world, world.events, {}));
      for (const place of PLACES) {
        const claims = liveClaims(answerAbout(model, place));
        assert.deepEqual(sorted(claims), sorted(world.holdersOf(place)));
      }
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
      const gone = new Set(lost.map((each) => 1 + (each % world.events.length)));
      const missing: Record<string, number> = {};
      const seen = world.events.filter((event, i) => {
        if (gone.has(i)) missing[event.kind] = (missing[event.kind] ?? 0) + 1;
        return !gone.has(i);
      });
      const model = play(ending(world, seen, missing));
      for (const place of PLACES) {
        const answer = answerAbout(model, place);
        const truth = sorted(world.holdersOf(place));
        for (const holder of answer.holders) {
          if (holder.certainty !== 'definite' || holder.ended_ns !== undefined) continue;
          assert.ok(truth.includes(JSON.stringify(claimOf(holder))), JSON.stringify(claimOf(holder)));
        }
        if (answer.certainty === 'definite') assert.deepEqual(sorted(liveClaims(answer)), truth);
      }
    }),
    1000,
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
    fc.property(actsArbitrary, fc.nat(60), fc.boolean(), (acts, after, isTraced) => {
      const cut = isTraced ? after % acts.length : acts.length - 1;
      const world = happen(isTraced ? acts : [...acts, { act: 'close', who: 0, what: 0 }], cut);
      const late = isTraced ? [hello(), ...world.late, bye(world.endS)] : world.late;
      const model = play(isTraced ? [...late, settled(world.endS, late)] : late);
      for (const place of PLACES) {
        const answer = answerAbout(model, place);
        assert.deepEqual(merged(liveClaims(answer)), merged(world.holdersOf(place)));
        const live = answer.holders.filter(
          ({ ended_ns, origin }) => ended_ns === undefined && origin === 'snapshot',
        );
        // Who has it is certain; which of several senders handed it over need not be.
        const doubts = live.flatMap(({ reasons }) =>
          reasons.filter((each) => !each.startsWith('who handed it')),
        );
        assert.deepEqual(doubts, []);
      }
    }),
    500,
  );
});
