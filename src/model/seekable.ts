/**
 * A trace that can be entered at any moment: what a replay stands on. The recording room makes it (recording/seek.ts);
 * dashboards and commands know only this face.
 */
import type { BootNs, Event } from '../event/event.ts';
import type { Header } from '../event/header.ts';
import type { Model } from './state.ts';

/** A place between two events: how many came before it, and the time of the last of them. */
export interface Position {
  readonly events: number;
  readonly ts: BootNs;
}

/** Where to go. What lies outside the trace means its nearer end. */
export type Destination =
  /** After all that happened up to and including this moment, boot ns. */
  | { readonly ns: number }
  /** The same at so much of the time from the first row to the last one: 0 to 100. */
  | { readonly percent: number }
  /** After so many events. */
  | { readonly events: number };

/** A place that was reached. */
export interface Reached {
  readonly position: Position;
  /** All that is known there. It is the caller's own: events may be applied to it. */
  readonly model: Model;
  /** The events after it, in order. To be read once; leaving the loop closes the file. */
  readonly batches: AsyncIterable<readonly Event[]>;
}

/** Hears of each batch of events on a long way: how many, and how much of the way is done by then, 0 to 1. */
export type OnRead = (events: number, share: number | null) => void;

export interface SeekableTrace {
  readonly header: Header;
  /** The first row's time, and the last one's. */
  readonly from: BootNs;
  readonly to: BootNs;
  /** Goes there from the nearest checkpoint before it. Rejects with the signal's reason when that aborts. */
  readonly seek: (destination: Destination, signal?: AbortSignal, onRead?: OnRead) => Promise<Reached>;
}
