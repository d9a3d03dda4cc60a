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
import { bye, type Place, play, settled } from './rows.ts';
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
  fc.assert(
    fc.property(actsArbitrary, (acts) => {
      const world = happen(acts);
      const model = play(ending(world, world.events, {}));
      for (const place of PLACES) {
        const claims = liveClaims(answerAbout(model, place));
        assert.deepEqual(sorted(claims), sorted(world.holdersOf(place)));
      }
    }),
    { numRuns: 500 },
  );
});

test('with lost rows that the kernel counted, nothing definite is wrong', () => {
  // One or two lost rows are the hard case: much loss makes everything doubtful anyway.
  const losses = fc.array(fc.nat(500), { minLength: 1, maxLength: 2 });
  fc.assert(
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
    { numRuns: 1000 },
  );
});
