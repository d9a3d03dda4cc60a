/**
 * Everything a view may look at. A view is a pure function of a scene and a size: what is not in here cannot be
 * shown, and a test writes it down by hand.
 */
import type { InodeKey } from '../src/event/event.ts';
import type { Coverage, FileSummary, Finding, TimelineEntry, WhoAnswer } from '../src/model/answer.ts';

/** The model's answers at one moment. `who` and `timeline` are asked only for what is on screen. */
export interface Reading {
  /** The moment that durations are counted to, boot ns: the play head, or the clock of a live trace. */
  readonly nowNs: number;
  readonly coverage: Coverage;
  /** Files by trouble, worst first. */
  readonly files: readonly FileSummary[];
  /** Worst first, then latest first. */
  readonly findings: readonly Finding[];
  readonly who: (key: InodeKey) => WhoAnswer;
  readonly timeline: (key: InodeKey) => readonly TimelineEntry[];
}

export type Mode = 'live' | 'replay';

/** How events come in just now. */
export type Motion =
  | { readonly state: 'tracing' }
  | { readonly state: 'playing'; readonly speed: number }
  | { readonly state: 'seeking' }
  /** `held`: events that arrived since, and wait. */
  | { readonly state: 'paused'; readonly held: number }
  /** The recording is at its end. */
  | { readonly state: 'ended' }
  /** The live stream is over, though nobody asked for it. */
  | { readonly state: 'stopped'; readonly why: string };

/** What the user looks at. */
export interface Gaze {
  readonly place: { readonly at: 'overview' } | { readonly at: 'file'; readonly key: InodeKey };
  readonly isHelpOpen: boolean;
  /** The file chosen with the arrows; null follows the worst one. */
  readonly selected: InodeKey | null;
  readonly scroll: number;
  /** One sentence in answer to the last key. */
  readonly said: string | null;
}

export interface Scene {
  readonly mode: Mode;
  readonly kernel: string;
  readonly bpftrace: string;
  readonly host: string;
  /** One line that the caller wants seen all the time: that this is the bundled recording, and why. */
  readonly notice: string | null;
  readonly motion: Motion;
  /** Milliseconds since the last row of a live trace arrived. */
  readonly silentMs: number;
  readonly gaze: Gaze;
  readonly reading: Reading;
}

export const FIRST_GAZE: Gaze = {
  place: { at: 'overview' },
  isHelpOpen: false,
  selected: null,
  scroll: 0,
  said: null,
};

/** The row of the file list that is selected: the chosen file wherever it moved to, else the first. */
export function selectedRow(gaze: Gaze, files: readonly FileSummary[]): number {
  const row = gaze.selected === null ? 0 : files.findIndex((file) => file.key === gaze.selected);
  return Math.max(0, row);
}
