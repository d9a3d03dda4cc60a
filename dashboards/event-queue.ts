/**
 * Events of a recording, taken one at a time with a look ahead: how long a gap is shows only at the event that ends
 * it, and beats (one a second) do not.
 */
import type { Event } from '../src/event/event.ts';

/** What tells nothing by itself: no step stops at it, and it does not end a gap. */
const QUIET_KINDS: ReadonlySet<Event['kind']> = new Set<Event['kind']>([
  'hello',
  'beat',
  'bye',
  'inode.named',
  'stream.fired',
]);

export function isTelling(event: Event): boolean {
  return !QUIET_KINDS.has(event.kind);
}

export interface EventQueue {
  /** The next event, without taking it; undefined when none is buffered. */
  readonly peek: () => Event | undefined;
  readonly take: () => Event | undefined;
  /** The next telling event, reading as far ahead as it takes; null when only quiet ones are left. */
  readonly nextTelling: () => Promise<Event | null>;
  /** Reads one more batch. */
  readonly readMore: () => Promise<void>;
  /** Everything was read and taken. */
  readonly isDone: () => boolean;
  /** Why reading failed, if it did; what was read before is kept. */
  readonly failure: () => string | null;
  readonly close: () => void;
}

const COMPACT_AT = 4096;

/** Reads `batches` only as far as asked. */
export function createEventQueue(batches: AsyncIterable<readonly Event[]>): EventQueue {
  const reader = batches[Symbol.asyncIterator]();
  let events: Event[] = [];
  let first = 0;
  let isExhausted = false;
  let failure: string | null = null;

  async function readMore(): Promise<void> {
    if (isExhausted) return;
    try {
      const { value, done } = await reader.next();
      if (done === true) isExhausted = true;
      else for (const event of value) events.push(event);
    } catch (error) {
      failure = `reading the recording failed: ${error instanceof Error ? error.message : String(error)}`;
      isExhausted = true;
    }
  }

  function take(): Event | undefined {
    const event = events[first];
    if (event === undefined) return undefined;
    first += 1;
    if (first >= COMPACT_AT) {
      events = events.slice(first);
      first = 0;
    }
    return event;
  }

  async function nextTelling(): Promise<Event | null> {
    // Taking never happens while this waits: the feed does one thing at a time.
    for (let at = first; ; at += 1) {
      while (at >= events.length && !isExhausted) await readMore();
      const event = events[at];
      if (event === undefined) return null;
      if (isTelling(event)) return event;
    }
  }

  return {
    peek: () => events[first],
    take,
    nextTelling,
    readMore,
    isDone: () => isExhausted && first >= events.length,
    failure: () => failure,
    close: () => void reader.return?.(),
  };
}
