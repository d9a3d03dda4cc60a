/**
 * Puts rows back into the order in which things happened.
 *
 * Rows wait here until one that is `windowNs` younger was seen. Nothing is ever dropped: a row that comes after its place
 * was given out follows at once, marked by a `stream.late` event.
 */
import { isOlderThan } from './bpftrace-version.ts';
import type { Event } from './event.ts';
import type { Header } from './header.ts';

/** What made the rows: it decides how far they may be out of order. */
export type Tracer = Pick<Header, 'bpftrace'>;

/**
 * bpftrace 0.20 and newer: one ring buffer for all CPUs. Rows change places only between taking the time and taking the
 * place in the buffer: by up to 4.3 ms in some sixty recordings of two emulated CPUs.
 */
export const DEFAULT_WINDOW_NS = 100_000_000;

/**
 * Before, a perf buffer for each CPU, emptied in turn: while bpftrace prints counters or looks for the names of a stack,
 * the other CPU's rows wait. 0.17 on 6.1: by 20 to 600 ms in most recordings.
 */
const PERF_BUFFERS_WINDOW_NS = 2_000_000_000;

/** How long rows are held back that this bpftrace printed; in ns. */
export function windowOf({ bpftrace }: Tracer): number {
  return isOlderThan(bpftrace, 20) ? PERF_BUFFERS_WINDOW_NS : DEFAULT_WINDOW_NS;
}

/** Rows held back at most, so that a clock that stands still cannot fill the memory. */
const MOST_HELD = 1 << 16;

/** Rows that were given out are dropped from the lists in bunches, before V8 takes them for long-lived. */
const BUNCH = 512;

export interface ReorderBuffer {
  /** Takes the next event and adds those that are now in order to `out`. */
  readonly push: (event: Event, out: Event[]) => void;
  /** Adds all that is held to `out`, in order. */
  readonly flush: (out: Event[]) => void;
  /** By how much the most displaced row so far was behind one before it, ns. */
  readonly worstDisorderNs: () => number;
  /** All that decides what comes next, as plain data. */
  readonly save: () => ReorderState;
}

/** What waits in the buffer, in order, and how far it is. */
export interface ReorderState {
  readonly events: readonly Event[];
  /** Where each of the events belongs: its time, and among those of one time its CPU. */
  readonly times: readonly number[];
  readonly cpus: readonly number[];
  readonly newest: number;
  readonly released: number;
  readonly worst: number;
}

/** What the stream says about itself belongs after every row that came before it, whatever their CPUs. */
const AFTER_ALL_CPUS = Number.MAX_SAFE_INTEGER;

/** Creates a buffer, empty or as it was saved. Ties in time are broken by CPU, then by arrival. */
export function createReorderBuffer(
  windowNs: number = DEFAULT_WINDOW_NS,
  saved: ReorderState | null = null,
): ReorderBuffer {
  const events: Event[] = [...(saved?.events ?? [])];
  const times: number[] = [...(saved?.times ?? [])];
  const cpus: number[] = [...(saved?.cpus ?? [])];
  /** Everything before this index was given out. */
  let head = 0;
  let newest = saved?.newest ?? 0;
  let released = saved?.released ?? 0;
  let worst = saved?.worst ?? 0;

  /** Whether something of this time and CPU belongs before what is held at `index`. */
  function isBefore(time: number, cpu: number, index: number): boolean {
    const other = times[index];
    if (other === undefined) return false;
    return time < other || (time === other && cpu < (cpus[index] ?? 0));
  }

  function insert(event: Event, time: number, cpu: number): void {
    const length = events.length;
    if (head === length || !isBefore(time, cpu, length - 1)) {
      events.push(event);
      times.push(time);
      cpus.push(cpu);
      return;
    }
    let low = head;
    let high = length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(time, cpu, middle)) high = middle;
      else low = middle + 1;
    }
    events.splice(low, 0, event);
    times.splice(low, 0, time);
    cpus.splice(low, 0, cpu);
  }

  function release(upTo: number, out: Event[]): void {
    for (; head < events.length; head++) {
      const event = events[head];
      const time = times[head] ?? 0;
      if (event === undefined || (time > upTo && events.length - head <= MOST_HELD)) break;
      if (time > released) released = time;
      out.push(event);
    }
    if (head < BUNCH && head < events.length) return;
    dropGiven();
  }

  function dropGiven(): void {
    events.splice(0, head);
    times.splice(0, head);
    cpus.splice(0, head);
    head = 0;
  }

  function push(event: Event, out: Event[]): void {
    if (!('cpu' in event)) {
      insert(event, newest, AFTER_ALL_CPUS);
      return;
    }
    const { ts } = event;
    if (newest - ts > worst) worst = newest - ts;
    if (ts < released) {
      out.push({ kind: 'stream.late', ts, behindNs: released - ts }, event);
      return;
    }
    if (ts > newest) newest = ts;
    insert(event, ts, event.cpu);
    release(newest - windowNs, out);
  }

  function save(): ReorderState {
    dropGiven();
    return { events: [...events], times: [...times], cpus: [...cpus], newest, released, worst };
  }

  return {
    push,
    flush: (out) => release(Number.POSITIVE_INFINITY, out),
    worstDisorderNs: () => worst,
    save,
  };
}
