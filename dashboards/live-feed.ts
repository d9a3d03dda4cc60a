/**
 * A live trace: events are applied as they come. Pausing holds the picture, never the trace: from then on a copy of the
 * story is shown, while the story itself goes on. A reader that stopped reading would make bpftrace lose rows.
 */
import { setImmediate as onceTurned } from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import type { Event } from '../src/event/event.ts';
import type { Feed, Story } from './feed.ts';
import type { Motion } from './scene.ts';

/** Between beats the clock runs on by itself, but not past a stream that fell silent for longer than this. */
const MOST_AHEAD_MS = 2000;

/** Events between two looks at the clock, and at some files; and how long keys may wait for more of them. */
const SLICE_EVENTS = 256;
const SLICE_MS = 8;

/** The picture that a pause holds. */
interface Held {
  readonly story: Story;
  readonly nowNs: number;
  /** Events that came before it. */
  readonly received: number;
}

/** Starts reading. `clock` gives milliseconds of any monotonic clock. */
export function createLiveFeed(
  batches: AsyncIterable<readonly Event[]>,
  story: Story,
  clock: () => number,
): Feed {
  let held: Held | null = null;
  let stopped: string | null = null;
  let isClosed = false;
  let isChanged = false;
  let received = 0;
  let lastNs = 0;
  let lastAtMs = clock();

  /** When events were first taken in during this turn of the event loop; null before that. */
  let turnAtMs: number | null = null;

  /** Milliseconds that this turn of the event loop has worked on events. Batches may follow each other without a turn. */
  function workedMs(): number {
    const nowMs = clock();
    if (turnAtMs === null) {
      turnAtMs = nowMs;
      onceTurned(() => {
        turnAtMs = null;
      });
    }
    return nowMs - turnAtMs;
  }

  /** Takes in a batch. After a flood they are many, and keys and frames must get in between. */
  async function receive(events: readonly Event[]): Promise<void> {
    lastAtMs = clock();
    if (workedMs() >= SLICE_MS) await setImmediate();
    for (const [index, event] of events.entries()) {
      story.apply(event);
      received += 1;
      if (event.ts > lastNs) lastNs = event.ts;
      if (event.kind === 'stream.cut') stopped = event.why;
      if (index % SLICE_EVENTS !== SLICE_EVENTS - 1) continue;
      story.tend();
      if (workedMs() < SLICE_MS) continue;
      isChanged = true;
      await setImmediate();
    }
    isChanged ||= events.length > 0;
  }

  async function read(): Promise<void> {
    try {
      for await (const batch of batches) {
        if (isClosed) return;
        await receive(batch);
      }
      stopped ??= 'the trace ended';
    } catch (error) {
      stopped = `reading the trace failed: ${error instanceof Error ? error.message : String(error)}`;
    }
    isChanged = true;
  }

  function presentNs(): number {
    const aheadMs = stopped === null ? Math.min(clock() - lastAtMs, MOST_AHEAD_MS) : 0;
    return lastNs === 0 ? 0 : lastNs + aheadMs * 1e6;
  }

  function motion(): Motion {
    if (held !== null) return { state: 'paused', held: received - held.received };
    return stopped === null ? { state: 'tracing' } : { state: 'stopped', why: stopped };
  }

  void read();
  return {
    story: () => held?.story ?? story,
    motion,
    nowNs: () => held?.nowNs ?? presentNs(),
    extent: () => null,
    silentMs: () => (stopped === null && lastNs > 0 ? clock() - lastAtMs : 0),
    async advance() {
      // A running clock changes the picture too: durations grow.
      const hasChanged = isChanged || (stopped === null && held === null);
      isChanged = false;
      return hasChanged;
    },
    togglePause() {
      held = held === null ? { story: story.copy(), nowNs: presentNs(), received } : null;
      isChanged = true;
      return null;
    },
    news: () => null,
    transport: null,
    close() {
      isClosed = true;
    },
  };
}
