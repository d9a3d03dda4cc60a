/**
 * Puts rows back into the order in which things happened.
 *
 * bpftrace drains one buffer for each CPU in turn, so rows come out of order: measured 8 % of rows, by up to 2.6 ms, on
 * two CPUs. Rows wait here until one that is `windowNs` younger was seen. Nothing is ever dropped: a row that comes
 * after its place was given out follows at once, marked by a `stream.late` event.
 */
import type { Event } from './event.ts';

/** Forty times the disorder measured on two CPUs. */
export const DEFAULT_WINDOW_NS = 100_000_000;

/** Rows held back at most, so that a clock that stands still cannot fill the memory. */
const MOST_HELD = 1 << 16;

export interface ReorderBuffer {
  /** Takes the next event and adds those that are now in order to `out`. */
  readonly push: (event: Event, out: Event[]) => void;
  /** Adds all that is held to `out`, in order. */
  readonly flush: (out: Event[]) => void;
  /** By how much the most displaced row so far was behind one before it, ns. */
  readonly worstDisorderNs: () => number;
}

interface Held {
  readonly event: Event;
  readonly ts: number;
  readonly cpu: number;
}

/** What the stream says about itself belongs after every row that came before it, whatever their CPUs. */
const AFTER_ALL_CPUS = Number.POSITIVE_INFINITY;

/** Creates an empty buffer. Ties in time are broken by CPU, then by arrival. */
export function createReorderBuffer(windowNs: number = DEFAULT_WINDOW_NS): ReorderBuffer {
  let held: Held[] = [];
  /** Everything before this index was given out. */
  let head = 0;
  let newest = 0;
  let released = 0;
  let worst = 0;

  function insert(entry: Held): void {
    if (!isBefore(entry, held.at(-1))) {
      held.push(entry);
      return;
    }
    let low = head;
    let high = held.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(entry, held[middle])) high = middle;
      else low = middle + 1;
    }
    held.splice(low, 0, entry);
  }

  function release(upTo: number, out: Event[]): void {
    for (let entry = held[head]; entry !== undefined; entry = held[head]) {
      if (entry.ts > upTo && held.length - head <= MOST_HELD) break;
      released = Math.max(released, entry.ts);
      out.push(entry.event);
      head++;
    }
    if (head === held.length || head > MOST_HELD) {
      held = held.slice(head);
      head = 0;
    }
  }

  function push(event: Event, out: Event[]): void {
    if (!('cpu' in event)) {
      insert({ event, ts: newest, cpu: AFTER_ALL_CPUS });
      return;
    }
    worst = Math.max(worst, newest - event.ts);
    if (event.ts < released) {
      out.push({ kind: 'stream.late', ts: event.ts, behindNs: released - event.ts }, event);
      return;
    }
    newest = Math.max(newest, event.ts);
    insert({ event, ts: event.ts, cpu: event.cpu });
    release(newest - windowNs, out);
  }

  return {
    push,
    flush: (out) => release(Number.POSITIVE_INFINITY, out),
    worstDisorderNs: () => worst,
  };
}

function isBefore(entry: Held, other: Held | undefined): boolean {
  if (other === undefined) return false;
  return entry.ts < other.ts || (entry.ts === other.ts && entry.cpu < other.cpu);
}
