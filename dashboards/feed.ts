/**
 * Where what is shown comes from: a live trace or a recording, behind one face. Both apply every event to the same
 * kind of story, so that live and replay cannot differ.
 */
import type { Event } from '../src/event/event.ts';
import type { Motion, Reading } from './scene.ts';

/** A model that events are applied to, in order, and that can be asked at any time. */
export interface Story {
  readonly apply: (event: Event) => void;
  /** The answers, with durations counted to `nowNs`. */
  readonly read: (nowNs: number) => Reading;
}

export interface Feed {
  /** The story so far. A replay that steps back replaces it. */
  readonly story: () => Story;
  readonly motion: () => Motion;
  /** The moment that durations are counted to, boot ns. */
  readonly nowNs: () => number;
  /** Milliseconds since the last event of a live trace arrived. */
  readonly silentMs: () => number;
  /** Applies what is due after `elapsedMs` more; true when what is shown may have changed. Works 50 ms at most. */
  readonly advance: (elapsedMs: number) => Promise<boolean>;
  readonly togglePause: () => void;
  /** What only a recording can do; null for a live trace. */
  readonly transport: Transport | null;
  /** Reads no more. */
  readonly close: () => void;
}

/** Each returns why it could do nothing, or null. */
export interface Transport {
  /** One event forward or back, then pause. */
  readonly step: (direction: 1 | -1) => string | null;
  /** Twice or half the speed. */
  readonly accelerate: (direction: 1 | -1) => string | null;
  readonly jump: (to: 'start' | 'end') => string | null;
}
