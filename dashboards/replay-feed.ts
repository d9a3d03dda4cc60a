/**
 * A recording played at the pace at which it happened; where nothing happened for longer than a second, time runs
 * faster, so that no gap takes longer than a second. Stepping back plays again from the start, unseen, up to the
 * event before: nothing but the model has to be kept, however long the recording is.
 */
import type { Event } from '../src/event/event.ts';
import { createEventQueue, isTelling } from './event-queue.ts';
import type { Feed, Story, Transport } from './feed.ts';
import type { Motion } from './scene.ts';

const LONGEST_GAP_NS = 1e9;
const WORK_MS = 50;
/** Events between two looks at the clock. */
const WORK_EVENTS = 1000;
const SPEEDS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64];
const NORMAL_SPEED = SPEEDS.indexOf(1);

/**
 * Plays `batches`, which must give all events again each time it is iterated if stepping back is to work.
 * `newStory` makes an empty story; `clock` gives milliseconds of any monotonic clock.
 */
export function createReplayFeed(
  batches: AsyncIterable<readonly Event[]>,
  newStory: () => Story,
  clock: () => number,
): Feed {
  // A generator object is its own iterator: a second reading would find it empty.
  const isReadOnce = Object.is(batches[Symbol.asyncIterator](), batches);
  let story = newStory();
  let queue = createEventQueue(batches);
  let playheadNs: number | null = null;
  /** When the last telling event happened, or the recording began. */
  let gapStartNs = 0;
  /** Telling events applied so far: the unit of stepping. */
  let steps = 0;
  /** Play on at full speed, unseen, up to this many steps. */
  let goal: number | null = null;
  let speed = NORMAL_SPEED;
  let isPaused = false;
  let isClosed = false;

  function restart(): void {
    queue.close();
    queue = createEventQueue(batches);
    story = newStory();
    playheadNs = null;
    steps = 0;
  }

  function applyNext(): void {
    const event = queue.take();
    if (event === undefined) return;
    story.apply(event);
    if (playheadNs === null) gapStartNs = event.ts;
    playheadNs = Math.max(playheadNs ?? event.ts, event.ts);
    if (!isTelling(event)) return;
    gapStartNs = event.ts;
    steps += 1;
  }

  function applyUpTo(ns: number): void {
    for (let next = queue.peek(); next !== undefined && next.ts <= ns; next = queue.peek()) applyNext();
  }

  /**
   * Plays unseen up to the goal; a bounded piece of work at a time, so that keys are heard. They are heard even while
   * this waits for the file: then the goal, or the whole queue, is another one afterwards.
   */
  async function seek(): Promise<void> {
    const until = clock() + WORK_MS;
    for (let done = 1; goal !== null && steps < goal && !queue.isDone(); done += 1) {
      if (queue.peek() === undefined) await queue.readMore();
      applyNext();
      if (done % WORK_EVENTS === 0 && clock() > until) return;
    }
    goal = null;
  }

  /** Plays `elapsedMs` of the viewer's time. */
  async function play(elapsedMs: number): Promise<void> {
    const until = clock() + WORK_MS;
    let leftNs = elapsedMs * 1e6 * speedFactor();
    const playing = queue;
    while (leftNs > 0 && clock() < until) {
      const next = await playing.nextTelling();
      if (queue !== playing || goal !== null || isPaused) return;
      if (next === null) return applyUpTo(Number.POSITIVE_INFINITY);
      if (playheadNs === null) applyNext();
      const now = playheadNs ?? next.ts;
      const rate = Math.max(1, (next.ts - gapStartNs) / LONGEST_GAP_NS);
      const target = Math.min(now + leftNs * rate, Math.max(now, next.ts));
      leftNs -= (target - now) / rate;
      playheadNs = target;
      applyUpTo(target);
      if (target < next.ts) return;
    }
  }

  function speedFactor(): number {
    return SPEEDS[speed] ?? 1;
  }

  function motion(): Motion {
    const failure = queue.failure();
    if (goal !== null) return { state: 'seeking' };
    if (queue.isDone()) return failure === null ? { state: 'ended' } : { state: 'stopped', why: failure };
    return isPaused ? { state: 'paused', held: 0 } : { state: 'playing', speed: speedFactor() };
  }

  const transport: Transport = {
    step(direction) {
      if (direction < 0 && isReadOnce) return 'this recording can be read only once: no way back';
      // Steps add up, also while an earlier one is still sought.
      const from = goal === null || goal === Number.POSITIVE_INFINITY ? steps : goal;
      if (direction < 0 && from === 0) return 'this is the start of the recording';
      if (direction < 0) restart();
      isPaused = true;
      goal = from + direction;
      return null;
    },
    accelerate(direction) {
      const next = speed + direction;
      if (SPEEDS[next] === undefined)
        return direction > 0 ? 'this is the highest speed' : 'this is the lowest speed';
      speed = next;
      return null;
    },
    jump(to) {
      if (to === 'start' && isReadOnce) return 'this recording can be read only once: no way back';
      if (to === 'start') restart();
      goal = to === 'start' ? null : Number.POSITIVE_INFINITY;
      isPaused = false;
      return null;
    },
  };

  return {
    story: () => story,
    motion,
    nowNs: () => playheadNs ?? 0,
    silentMs: () => 0,
    async advance(elapsedMs) {
      if (isClosed || (goal === null && (isPaused || queue.isDone()))) return false;
      await (goal === null ? play(elapsedMs) : seek());
      return true;
    },
    togglePause() {
      isPaused = !isPaused;
    },
    transport,
    close() {
      isClosed = true;
      queue.close();
    },
  };
}
