import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createLiveFeed } from '../../dashboards/live-feed.ts';
import type { Event } from '../../src/event/event.ts';
import { createRecordedStory, cut, ns, type RecordedStory, told } from './recorded-story.ts';

interface Trace {
  readonly batches: AsyncIterable<readonly Event[]>;
  /** Hands over a batch and lets the feed take it. */
  readonly send: (...events: readonly Event[]) => Promise<void>;
  readonly end: (error?: Error) => Promise<void>;
}

function createTrace(): Trace {
  let deliver: (result: IteratorResult<readonly Event[]>) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const iterator: AsyncIterator<readonly Event[]> = {
    next: () =>
      new Promise((resolve, reject) => {
        deliver = resolve;
        fail = reject;
      }),
  };
  return {
    batches: { [Symbol.asyncIterator]: () => iterator },
    async send(...events) {
      deliver({ value: events, done: false });
      await setImmediate();
    },
    async end(error) {
      if (error === undefined) deliver({ value: undefined, done: true });
      else fail(error);
      await setImmediate();
    },
  };
}

function setUp() {
  let nowMs = 0;
  const trace = createTrace();
  const story = createRecordedStory();
  const feed = createLiveFeed(trace.batches, story, () => nowMs);
  return { trace, story, feed, wait: (ms: number) => (nowMs += ms) };
}

test('events are applied as they come, and the clock runs on between them, for a while', async () => {
  const { trace, story, feed, wait } = setUp();
  await trace.send(told(1));
  assert.equal(story.applied.length, 1);
  wait(500);
  assert.equal(feed.nowNs(), ns(1.5));
  wait(10_000);
  assert.equal(feed.nowNs(), ns(3));
  assert.equal(feed.silentMs(), 10_500);
});

test('pausing holds the picture and keeps reading', async () => {
  const { trace, story, feed, wait } = setUp();
  await trace.send(told(1));
  feed.togglePause();
  await trace.send(told(2), told(3));
  wait(1000);
  assert.equal(story.applied.length, 3, 'what happens meanwhile is taken in');
  assert.equal((feed.story() as RecordedStory).applied.length, 1, 'and not shown');
  assert.equal(feed.nowNs(), ns(1));
  assert.deepEqual(feed.motion(), { state: 'paused', held: 2 });
  feed.togglePause();
  assert.equal(feed.story(), story);
  assert.deepEqual(feed.motion(), { state: 'tracing' });
});

test('a trace that was cut keeps what was seen, stops the clock and says why', async () => {
  const { trace, story, feed, wait } = setUp();
  await trace.send(told(1), cut(1, 'bpftrace was killed by SIGKILL'));
  await trace.end();
  wait(5000);
  assert.equal(story.applied.length, 2);
  assert.deepEqual(feed.motion(), { state: 'stopped', why: 'bpftrace was killed by SIGKILL' });
  assert.equal(feed.nowNs(), ns(1));
});

test('a trace whose reading fails says so', async () => {
  const { trace, feed } = setUp();
  await trace.end(new Error('pipe gone'));
  assert.deepEqual(feed.motion(), { state: 'stopped', why: 'reading the trace failed: pipe gone' });
});

test('the picture changes while the trace runs, and no more when it has stopped', async () => {
  const { trace, feed } = setUp();
  await trace.send(told(1));
  assert.equal(await feed.advance(100), true);
  assert.equal(await feed.advance(100), true);
  await trace.end();
  assert.equal(await feed.advance(100), true);
  assert.equal(await feed.advance(100), false);
});
