import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Feed, Goal } from '../../dashboards/feed.ts';
import { createReplayFeed } from '../../dashboards/replay-feed.ts';
import { sourceOfBatches } from '../../dashboards/source.ts';
import type { Event } from '../../src/event/event.ts';
import {
  beat,
  createRecordedStory,
  finding,
  ns,
  type RecordedStory,
  repeatable,
  told,
} from './recorded-story.ts';

interface Replay {
  readonly feed: Feed;
  /** Seconds of all telling events that the present story has. */
  readonly seen: () => readonly number[];
}

function replay(batches: AsyncIterable<readonly Event[]>): Replay {
  const feed = createReplayFeed(
    sourceOfBatches(batches, () => createRecordedStory()),
    () => 0,
  );
  const seen = (): readonly number[] => {
    const story = feed.story() as RecordedStory;
    return story.applied
      .filter(({ kind }) => kind === 'task.forked' || kind === 'task.exited')
      .map(({ ts }) => (ts - ns(0)) / 1e9);
  };
  return { feed, seen };
}

async function settle({ feed }: Replay): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (feed.motion().state !== 'seeking') return;
    await feed.advance(0);
  }
  assert.fail('the feed seeks without end');
}

test('events come at the pace at which they happened', async () => {
  const playing = replay(repeatable([told(0), told(0.2)], [told(0.5)]));
  await playing.feed.advance(100);
  assert.deepEqual(playing.seen(), [0]);
  await playing.feed.advance(100);
  assert.deepEqual(playing.seen(), [0, 0.2]);
  assert.equal(playing.feed.nowNs(), ns(0.2));
  await playing.feed.advance(250);
  assert.deepEqual(playing.seen(), [0, 0.2]);
  await playing.feed.advance(50);
  assert.deepEqual(playing.seen(), [0, 0.2, 0.5]);
  await playing.feed.advance(100);
  assert.deepEqual(playing.feed.motion(), { state: 'ended' });
});

test('a long gap takes one second, its beats notwithstanding, and time runs evenly through it', async () => {
  const beats = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(beat);
  const playing = replay(repeatable([told(0)], beats, [told(10)]));
  await playing.feed.advance(500);
  assert.ok(Math.abs(playing.feed.nowNs() - ns(5)) < 1e6);
  await playing.feed.advance(490);
  assert.deepEqual(playing.seen(), [0]);
  await playing.feed.advance(20);
  assert.deepEqual(playing.seen(), [0, 10]);
});

test('speed doubles and halves within bounds', async () => {
  const playing = replay(repeatable([told(0), told(0.4), told(0.8)]));
  assert.equal(playing.feed.transport?.accelerate(1), null);
  assert.deepEqual(playing.feed.motion(), { state: 'playing', speed: 2 });
  await playing.feed.advance(200);
  assert.deepEqual(playing.seen(), [0, 0.4]);
  for (let presses = 0; presses < 20; presses += 1) playing.feed.transport?.accelerate(1);
  assert.match(playing.feed.transport?.accelerate(1) ?? '', /highest/);
});

test('pausing holds time', async () => {
  const playing = replay(repeatable([told(0), told(0.1)]));
  await playing.feed.advance(50);
  playing.feed.togglePause();
  await playing.feed.advance(1000);
  assert.deepEqual(playing.seen(), [0]);
  playing.feed.togglePause();
  await playing.feed.advance(50);
  assert.deepEqual(playing.seen(), [0, 0.1]);
});

test('a step is one telling event, forward and back', async () => {
  const stepping = replay(repeatable([told(0), beat(1), told(1.5)], [beat(2), told(2.5), told(3)]));
  const step = async (direction: 1 | -1): Promise<readonly number[]> => {
    assert.equal(stepping.feed.transport?.step(direction), null);
    await settle(stepping);
    return stepping.seen();
  };
  assert.deepEqual(await step(1), [0]);
  assert.deepEqual(await step(1), [0, 1.5]);
  assert.deepEqual(await step(1), [0, 1.5, 2.5]);
  assert.deepEqual(await step(-1), [0, 1.5]);
  assert.deepEqual(stepping.feed.motion(), { state: 'paused', held: 0 });
  assert.equal(stepping.feed.nowNs(), ns(1.5));
  assert.deepEqual(await step(-1), [0]);
  assert.deepEqual(await step(-1), []);
  assert.match(stepping.feed.transport?.step(-1) ?? '', /start of the recording/);
});

test('steps pressed faster than they are made add up', async () => {
  const stepping = replay(repeatable([told(0), told(1), told(2), told(3)]));
  for (const direction of [1, 1, 1, 1, -1, -1, 1] as const) stepping.feed.transport?.step(direction);
  await settle(stepping);
  assert.deepEqual(stepping.seen(), [0, 1, 2]);
});

test('the end shows all of it, and pausing there plays it again', async () => {
  const jumping = replay(repeatable([told(0), told(1)], [told(2), beat(3)]));
  jumping.feed.transport?.seek({ to: 'end' });
  await settle(jumping);
  assert.deepEqual(jumping.seen(), [0, 1, 2]);
  assert.deepEqual(jumping.feed.motion(), { state: 'ended' });
  assert.equal(jumping.feed.nowNs(), ns(3));
  assert.equal(jumping.feed.togglePause(), null);
  await settle(jumping);
  assert.deepEqual(jumping.seen(), [0]);
  assert.deepEqual(jumping.feed.motion(), { state: 'playing', speed: 1 });
});

test('what can be read only once is stepped back as far as it is in memory', async () => {
  async function* once(): AsyncGenerator<readonly Event[]> {
    yield [told(0), told(1)];
  }
  const reading = replay(once());
  for (const direction of [1, 1, -1] as const) reading.feed.transport?.step(direction);
  await settle(reading);
  assert.deepEqual(reading.seen(), [0]);
});

test('a recording that cannot be read on keeps what was read', async () => {
  const broken: AsyncIterable<readonly Event[]> = {
    async *[Symbol.asyncIterator]() {
      yield [told(0)];
      throw new Error('disk gone');
    },
  };
  const reading = replay(broken);
  reading.feed.transport?.seek({ to: 'end' });
  await settle(reading);
  assert.deepEqual(reading.seen(), [0]);
  assert.deepEqual(reading.feed.motion(), {
    state: 'stopped',
    why: 'reading the recording failed: disk gone',
  });
});

test('a recording without a telling event ends', async () => {
  const reading = replay(repeatable([beat(0), beat(1)]));
  await reading.feed.advance(10);
  assert.deepEqual(reading.feed.motion(), { state: 'ended' });
});

test('a moment is reached forward and back, by time and by share of the whole', async () => {
  const seeking = replay(repeatable([told(0), told(1), told(2)], [told(3), beat(4)]));
  const seek = async (goal: Goal): Promise<readonly number[]> => {
    assert.equal(seeking.feed.transport?.seek(goal), null);
    await settle(seeking);
    return seeking.seen();
  };
  assert.deepEqual(await seek({ to: 'time', ns: ns(2.5) }), [0, 1, 2]);
  assert.equal(seeking.feed.nowNs(), ns(2.5));
  assert.deepEqual(await seek({ to: 'time', ns: ns(1) }), [0, 1]);
  assert.deepEqual(await seek({ to: 'share', share: 0.5 }), [0, 1, 2]);
  assert.deepEqual(seeking.feed.extent(), { fromNs: ns(0), toNs: ns(4) });
  assert.deepEqual(await seek({ to: 'share', share: 0 }), [0]);
  assert.deepEqual(await seek({ to: 'time', ns: ns(99) }), [0, 1, 2, 3]);
  assert.deepEqual(seeking.feed.motion(), { state: 'ended' });
});

test('findings are stepped through at the event with which they came up', async () => {
  const events = [told(0), finding(1, 0.5), told(2), told(3), finding(4, 4), told(5)];
  const stepping = replay(repeatable(events.slice(0, 2), events.slice(2)));
  const step = async (direction: 1 | -1): Promise<readonly number[]> => {
    assert.equal(stepping.feed.transport?.stepFinding(direction, null), null);
    await settle(stepping);
    return stepping.seen();
  };
  assert.deepEqual(await step(1), [0, 1]);
  assert.deepEqual(stepping.feed.motion(), { state: 'paused', held: 0 });
  assert.deepEqual(await step(1), [0, 1, 2, 3, 4]);
  assert.deepEqual(await step(1), [0, 1, 2, 3, 4], 'without a further one it stays where it was');
  assert.equal(stepping.feed.news(), 'no further finding up to the end');
  assert.deepEqual(await step(-1), [0, 1]);
  assert.deepEqual(await step(-1), [0, 1]);
  assert.equal(stepping.feed.news(), 'no finding before this one');
  stepping.feed.transport?.seek({ to: 'share', share: 0 });
  await settle(stepping);
  assert.match(stepping.feed.transport?.stepFinding(-1, null) ?? '', /no finding up to here/);
});

test('stepping back far beyond what was kept ends where stepping forward would', async () => {
  const many = Array.from({ length: 4000 }, (_, second) => told(second));
  const stepping = replay(repeatable(many.slice(0, 1500), many.slice(1500)));
  stepping.feed.transport?.seek({ to: 'time', ns: ns(3500) });
  await settle(stepping);
  assert.equal(stepping.seen().length, 3501);
  for (let presses = 0; presses < 20; presses += 1) stepping.feed.transport?.step(-1);
  await settle(stepping);
  assert.deepEqual(
    stepping.seen(),
    many.slice(0, 3481).map((_, second) => second),
  );
});

test('a key that is pressed while the file is being read is not lost', async () => {
  let arrive: () => void = () => {};
  let readings = 0;
  const slow: AsyncIterable<readonly Event[]> = {
    async *[Symbol.asyncIterator]() {
      readings += 1;
      yield [told(0), told(1)];
      if (readings === 1) await new Promise<void>((resolve) => (arrive = resolve));
      yield [told(2)];
    },
  };
  const reading = replay(slow);
  await reading.feed.advance(1000);
  assert.deepEqual(reading.seen(), [0, 1]);
  const waiting = reading.feed.advance(100);
  await setImmediate();
  reading.feed.transport?.step(-1);
  arrive();
  await waiting;
  await settle(reading);
  assert.deepEqual(reading.seen(), [0]);
  assert.equal(reading.feed.nowNs(), ns(0));
  assert.deepEqual(reading.feed.motion(), { state: 'paused', held: 0 });
});
