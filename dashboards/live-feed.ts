/**
 * A live trace: events are applied as they come. Pausing holds the picture, never the trace: a reader that stops
 * reading would make bpftrace lose rows.
 */
import type { Event } from '../src/event/event.ts';
import type { Feed, Story } from './feed.ts';
import type { Motion } from './scene.ts';

/** Events that may wait while paused; then the picture goes on by itself rather than eat the memory. */
const MOST_HELD = 200_000;
/** Between beats the clock runs on by itself, but not past a stream that fell silent for longer than this. */
const MOST_AHEAD_MS = 2000;

/** Starts reading. `clock` gives milliseconds of any monotonic clock. */
export function createLiveFeed(
  batches: AsyncIterable<readonly Event[]>,
  story: Story,
  clock: () => number,
): Feed {
  let held: Event[] = [];
  let isPaused = false;
  let stopped: string | null = null;
  let isClosed = false;
  let isChanged = false;
  let lastNs = 0;
  let lastAtMs = clock();
  let pausedNs = 0;

  function applyAll(events: readonly Event[]): void {
    for (const event of events) {
      story.apply(event);
      lastNs = Math.max(lastNs, event.ts);
      if (event.kind === 'stream.cut') stopped = event.why;
    }
    isChanged ||= events.length > 0;
  }

  function receive(events: readonly Event[]): void {
    lastAtMs = clock();
    if (isPaused) for (const event of events) held.push(event);
    else applyAll(events);
    if (held.length > MOST_HELD) resume();
  }

  function resume(): void {
    isPaused = false;
    const waiting = held;
    held = [];
    applyAll(waiting);
    isChanged = true;
  }

  async function read(): Promise<void> {
    try {
      for await (const batch of batches) {
        if (isClosed) return;
        receive(batch);
      }
      stopped ??= 'the trace ended';
    } catch (error) {
      stopped = `reading the trace failed: ${error instanceof Error ? error.message : String(error)}`;
    }
    isChanged = true;
  }

  function aheadMs(): number {
    return stopped === null ? Math.min(clock() - lastAtMs, MOST_AHEAD_MS) : 0;
  }

  function nowNs(): number {
    if (isPaused) return pausedNs;
    return lastNs === 0 ? 0 : lastNs + aheadMs() * 1e6;
  }

  function motion(): Motion {
    if (isPaused) return { state: 'paused', held: held.length };
    return stopped === null ? { state: 'tracing' } : { state: 'stopped', why: stopped };
  }

  void read();
  return {
    story: () => story,
    motion,
    nowNs,
    silentMs: () => (stopped === null && lastNs > 0 ? clock() - lastAtMs : 0),
    async advance() {
      // A running clock changes the picture too: durations grow.
      const hasChanged = isChanged || (stopped === null && !isPaused);
      isChanged = false;
      return hasChanged;
    },
    togglePause() {
      if (isPaused) return resume();
      pausedNs = nowNs();
      isPaused = true;
    },
    transport: null,
    close() {
      isClosed = true;
    },
  };
}
