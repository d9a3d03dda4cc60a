/** The events of a recording by number, read forward as far as asked. The latest ones are kept: going back is free. */
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

/** Some 25 MB of events. */
const MOST_KEPT = 100_000;

export interface Tape {
  /** The event of a number; undefined where it is not in memory. */
  readonly at: (number: number) => Event | undefined;
  /** The number of the first event in memory. */
  readonly first: () => number;
  /** Reads one more batch. `needed` and what comes after it stays in memory. */
  readonly load: (needed: number) => Promise<void>;
  /** Whether the recording ends before this event. */
  readonly endsBefore: (number: number) => boolean;
  /** Why reading failed, if it did; what was read before is kept. */
  readonly failure: () => string | null;
  readonly close: () => void;
}

/** `start` is the number of the first event of `batches`. */
export function createTape(batches: AsyncIterable<readonly Event[]>, start: number): Tape {
  const reader = batches[Symbol.asyncIterator]();
  let kept: Event[] = [];
  let first = start;
  let length: number | null = null;
  let failure: string | null = null;

  async function load(needed: number): Promise<void> {
    if (length !== null) return;
    const batch = await readBatch();
    if (batch === null) {
      length = first + kept.length;
      return;
    }
    for (const event of batch) kept.push(event);
    if (kept.length < 2 * MOST_KEPT) return;
    const dropped = Math.max(0, Math.min(kept.length - MOST_KEPT, needed - first));
    kept = kept.slice(dropped);
    first += dropped;
  }

  async function readBatch(): Promise<readonly Event[] | null> {
    try {
      const { value, done } = await reader.next();
      return done === true ? null : value;
    } catch (error) {
      failure = `reading the recording failed: ${error instanceof Error ? error.message : String(error)}`;
      return null;
    }
  }

  return {
    at: (number) => kept[number - first],
    first: () => first,
    load,
    endsBefore: (number) => length !== null && number >= length,
    failure: () => failure,
    close: () => void reader.return?.(),
  };
}
