/**
 * Where what is shown comes from: a live trace or a recording, behind one face. Both apply every event to the same
 * kind of story, so that live and replay cannot differ.
 */
import type { Event, InodeKey } from '../src/event/event.ts';
import type { Extent, Motion, Reading } from './scene.ts';

/** A model that events are applied to, in order, and that can be asked at any time. */
export interface Story {
  readonly apply: (event: Event) => void;
  /** Does a little of the work that the next reading needs: called after each batch of a live trace. */
  readonly tend: () => void;
  /** The answers, with durations counted to `nowNs`. */
  readonly read: (nowNs: number) => Reading;
  /** The findings so far, of one file or of all, each by a name that stays its own. */
  readonly findings: (key?: InodeKey) => ReadonlyMap<string, FoundAt>;
  /** A story that goes on from here by itself. Takes time in proportion to what is remembered. */
  readonly copy: () => Story;
}

/** Where a finding is: its file, and when what it tells of began. */
export interface FoundAt {
  readonly key: InodeKey;
  readonly startNs: number;
}

export interface Feed {
  /** The story so far. A replay that steps back replaces it; a pause of a live trace keeps the one of its moment. */
  readonly story: () => Story;
  readonly motion: () => Motion;
  /** The moment that durations are counted to, boot ns. */
  readonly nowNs: () => number;
  /** What can be played; null for a live trace. */
  readonly extent: () => Extent | null;
  /** Milliseconds since the last event of a live trace arrived. */
  readonly silentMs: () => number;
  /** Applies what is due after `elapsedMs` more; true when what is shown may have changed. Works 50 ms at most. */
  readonly advance: (elapsedMs: number) => Promise<boolean>;
  /** Returns why it could do nothing, or null. */
  readonly togglePause: () => string | null;
  /** What came of the last jump, if that is worth a sentence; told once. */
  readonly news: () => string | null;
  /** What only a recording can do; null for a live trace. */
  readonly transport: Transport | null;
  /** Reads no more. */
  readonly close: () => void;
}

/** A moment of a recording, as a user asks for it. */
export type Goal =
  | { readonly to: 'time'; readonly ns: number }
  /** 0 to 1 of the whole. */
  | { readonly to: 'share'; readonly share: number }
  | { readonly to: 'end' };

/** Each returns why it could do nothing, or null. */
export interface Transport {
  /** One event forward or back, then pause. */
  readonly step: (direction: 1 | -1) => string | null;
  /** To the next finding, or the one before; of one file where `key` is given. Then pause. */
  readonly stepFinding: (direction: 1 | -1, key: InodeKey | null) => string | null;
  /** Twice or half the speed. */
  readonly accelerate: (direction: 1 | -1) => string | null;
  readonly seek: (goal: Goal) => string | null;
}
