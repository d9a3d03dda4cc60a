/**
 * Follows the rows of a recording with a model, so that its state at any row can be kept: in the recorder, from the
 * text as it goes to disk, and in a reader. Both decode the same bytes, so both come to the same state.
 */
import type { Event } from '../event/event.ts';
import type { Header } from '../event/header.ts';
import { createEventStream, type EventStream } from '../event/stream.ts';
import { applyEvent, createModel, type Model } from '../model/model.ts';
import type { Checkpoint, CheckpointPlace, TraceState } from './checkpoint.ts';

export interface Tracker {
  readonly model: Model;
  readonly stream: EventStream;
  /** Applies events that the stream gave out. */
  readonly apply: (events: readonly Event[]) => void;
  readonly place: () => CheckpointPlace;
  /** What a checkpoint holds. Nothing may be ready in the stream. */
  readonly state: () => TraceState;
  readonly addRows: (rows: number) => void;
}

/** Starts at the beginning of a trace, or at a checkpoint, which then belongs to the tracker. */
export function createTracker(header: Header, from: Checkpoint | null = null): Tracker {
  const model = from?.state.model ?? createModel(header);
  const stream = createEventStream(header, from?.state.stream);
  let { rows, events, ts } = from?.place ?? { rows: 0, events: 0, ts: 0 };

  return {
    model,
    stream,
    apply(given) {
      for (const event of given) applyEvent(model, event);
      events += given.length;
      ts = given.at(-1)?.ts ?? ts;
    },
    place: () => ({ rows, events, ts }),
    state: () => ({ model, stream: stream.save() }),
    addRows(more) {
      rows += more;
    },
  };
}
