import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Feed } from '../../dashboards/feed.ts';
import { createReplayFeed } from '../../dashboards/replay-feed.ts';
import type { Event } from '../../src/event/event.ts';
import { beat, createRecordedStory, ns, type RecordedStory, repeatable, told } from './recorded-story.ts';

interface Replay {
  readonly feed: Feed;
  /** Seconds of all telling events that the present story has. */
  readonly seen: () => readonly number[];
}

function replay(batches: AsyncIterable<readonly Event[]>): Replay {
  let story: RecordedStory = createRecordedStory();
  const newStory = (): RecordedStory => {
    story = createRecordedStory();
    return story;
  };
  const feed = createReplayFeed(batches, newStory, () => 0);
  const seen = (): readonly number[] =>
    story.applied.filter(({ kind }) => kind === 'task.forked').map(({ ts }) => (ts - ns(0)) / 1e9);
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

test('End shows all of it, Home plays it again', async () => {
  const jumping = replay(repeatable([told(0), told(1)], [told(2), beat(3)]));
  jumping.feed.transport?.jump('end');
  await settle(jumping);
  assert.deepEqual(jumping.seen(), [0, 1, 2]);
  assert.deepEqual(jumping.feed.motion(), { state: 'ended' });
  assert.equal(jumping.feed.nowNs(), ns(3));
  jumping.feed.transport?.jump('start');
  await jumping.feed.advance(10);
  assert.deepEqual(jumping.seen(), [0]);
});

test('what can be read only once is not stepped back, and says why', async () => {
  async function* once(): AsyncGenerator<readonly Event[]> {
    yield [told(0), told(1)];
  }
  const reading = replay(once());
  reading.feed.transport?.step(1);
  await settle(reading);
  assert.match(reading.feed.transport?.step(-1) ?? '', /only once/);
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
  reading.feed.transport?.jump('end');
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
