/**
 * The one way from rows to events, for live tracing and for recordings alike: decode, then put in order.
 * That a replay ends in the same state as the live run rests on both going through here.
 */
import { createDecoder, type DecoderState } from './decode.ts';
import type { Event } from './event.ts';
import type { Header } from './header.ts';
import { createReorderBuffer, type ReorderState, type Tracer, windowOf } from './reorder.ts';

/** Events in order, in batches: what a dashboard or a report reads. */
export interface EventBatchSource {
  readonly header: Header;
  readonly batches: AsyncIterable<readonly Event[]>;
  /** Stops the source; `batches` ends soon after, with all that was still on its way. */
  close(): Promise<void>;
  /** How much of the whole was read so far, 0 to 1; null where its length is not known. */
  share?(): number | null;
}

export interface EventStream {
  /** Takes one parsed row. */
  readonly addRow: (row: unknown) => void;
  /** Takes the row whose text lies in `bytes` from `start` up to `end`. */
  readonly addBytes: (bytes: Buffer, start: number, end: number) => void;
  /** Takes the place of a row that could not be parsed. */
  readonly addBad: (why: string) => void;
  /** The events that are in order by now. */
  readonly take: () => Event[];
  /** The rest. `why` is told as the reason if the rows stopped before their `bye`. */
  readonly end: (why: string) => Event[];
  /** Another trace's rows follow: all that waits goes out, then a seam is told, and time may begin anew. */
  readonly join: (tracer: Tracer, why: string) => void;
  /** By how much the most displaced row was behind one before it, ns. */
  readonly worstDisorderNs: () => number;
  /** All that decides what comes next, as plain data; what is ready is to be taken before. */
  readonly save: () => StreamState;
}

export interface StreamState {
  readonly decoder: DecoderState;
  readonly buffer: ReorderState;
}

/** Creates the decoding and ordering of one stream of rows, new or as it was saved. */
export function createEventStream(tracer: Tracer, saved: StreamState | null = null): EventStream {
  let decoder = createDecoder(saved?.decoder);
  let buffer = createReorderBuffer(windowOf(tracer), saved?.buffer);
  let ready: Event[] = [];

  function add(event: Event | null): void {
    if (event !== null) buffer.push(event, ready);
  }

  function take(): Event[] {
    const taken = ready;
    ready = [];
    return taken;
  }

  function end(why: string): Event[] {
    add(decoder.finish(why));
    buffer.flush(ready);
    return take();
  }

  function join(next: Tracer, why: string): void {
    buffer.flush(ready);
    const { ts } = decoder.save();
    ready.push({ kind: 'stream.seam', ts, why });
    decoder = createDecoder();
    buffer = createReorderBuffer(windowOf(next));
  }

  return {
    addRow: (row) => add(decoder.decode(row)),
    addBytes: (bytes, start, end) => add(decoder.decodeBytes(bytes, start, end)),
    addBad: (why) => add(decoder.undecodable(why)),
    take,
    end,
    join,
    worstDisorderNs: () => buffer.worstDisorderNs(),
    save: () => ({ decoder: decoder.save(), buffer: buffer.save() }),
  };
}
