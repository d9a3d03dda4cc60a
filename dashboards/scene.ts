/**
 * Everything a view may look at. A view is a pure function of a scene and a size: what is not in here cannot be
 * shown, and a test writes it down by hand.
 */
import type { Event, InodeKey } from '../src/event/event.ts';
import type {
  Coverage,
  FileSummary,
  Finding,
  TaskRef,
  TimelineEntry,
  WhoAnswer,
} from '../src/model/answer.ts';
import type { Glance } from '../src/model/model.ts';
import type { FilteredFiles } from '../src/model/select/file-index.ts';
import type { ProcessAnswer } from '../src/model/select/process.ts';
import type { ProcessShare } from '../src/model/select/process-shares.ts';
import type { OrderedFiles } from '../src/model/select/ranking.ts';
import type { WaitEdge } from '../src/model/select/wait-graph.ts';
import type { EventLog } from './event-log.ts';
import type { Rates } from './rates.ts';

/** The model's answers at one moment. What is a function is asked only for what is on screen. */
export interface Reading {
  /** The moment that durations are counted to, boot ns: the play head, or the clock of a live trace. */
  readonly nowNs: number;
  readonly coverage: Coverage;
  /** Living things that were forgotten for want of space: answers may lack them. */
  readonly forgotten: number;
  /** Files by trouble, worst first. */
  readonly files: OrderedFiles;
  /** The same files in this order. */
  readonly sorted: (sort: Sort) => OrderedFiles;
  /** Those of them that have a text in what is told about them. */
  readonly filtered: (sort: Sort, filter: string) => FilteredFiles;
  /** One of them; null where it is none of them. */
  readonly file: (key: InodeKey) => FileSummary | null;
  /** What each process has to do with these files, by pid. */
  readonly processes: () => ReadonlyMap<number, ProcessShare>;
  /** Files that have leases or pins now. */
  readonly held: number;
  /** Operations that sleep now, on all files. */
  readonly waiting: number;
  /** Worst first, then latest first. */
  readonly findings: readonly Finding[];
  /** What a list tells of a file. */
  readonly glance: (key: InodeKey) => Glance;
  readonly who: (key: InodeKey) => WhoAnswer;
  readonly timeline: (key: InodeKey) => readonly TimelineEntry[];
  /** Operations that sleep now, longest first. */
  readonly waits: () => readonly WaitEdge[];
  /** Null for a process that was never seen. */
  readonly process: (pid: number) => ProcessAnswer | null;
  /** A process by its number, with the name that is known. */
  readonly task: (pid: number) => TaskRef;
  readonly log: EventLog;
  /** An event as one line: when, who, what. */
  readonly eventText: (event: Event) => string;
  readonly rates: Rates;
}

export type Mode = 'live' | 'replay';

/** How events come in just now. */
export type Motion =
  | { readonly state: 'tracing' }
  | { readonly state: 'playing'; readonly speed: number }
  /** Towards what, in words. */
  | { readonly state: 'seeking'; readonly towards: string }
  /** `held`: events that came in since, and are not in the picture yet. */
  | { readonly state: 'paused'; readonly held: number }
  /** The recording is at its end. */
  | { readonly state: 'ended' }
  /** The live stream is over, though nobody asked for it. */
  | { readonly state: 'stopped'; readonly why: string };

/** The moments between which a recording can be played; `toNs` is null as long as its end was not seen. */
export interface Extent {
  readonly fromNs: number;
  readonly toNs: number | null;
}

/** The views that stand beside each other, in the order of Tab. */
export const TABS = ['files', 'processes', 'waits', 'events', 'coverage'] as const;
export type Tab = (typeof TABS)[number];

export type Place =
  | { readonly at: Tab }
  | { readonly at: 'file'; readonly key: InodeKey }
  | { readonly at: 'process'; readonly pid: number };

export const SORTS = ['trouble', 'pinned', 'latest', 'path'] as const;
export type Sort = (typeof SORTS)[number];

/** A line that the user types. */
export interface Prompt {
  readonly asks: 'search' | 'filter' | 'time' | 'write';
  readonly text: string;
}

/** The part of a file's time line that is shown: its width is its share of the whole, 1 is all of it. */
export interface Lens {
  readonly share: number;
  /** The moment under the cursor; null follows the latest. */
  readonly cursor: { readonly at_ns: number; readonly nth: number } | null;
}

/** What the user looks at. */
export interface Gaze {
  readonly place: Place;
  /** Where Esc leads back to, last first out. */
  readonly trail: readonly Place[];
  readonly overlay: 'help' | 'plan' | null;
  /** The row chosen with the arrows, by what it is; null follows the first, of events the latest. */
  readonly chosen: {
    readonly files: InodeKey | null;
    readonly processes: number | null;
    readonly waits: string | null;
    readonly events: number | null;
  };
  readonly scroll: number;
  readonly sort: Sort;
  /** Only rows that have this in them are listed. */
  readonly filter: string;
  readonly search: string;
  readonly prompt: Prompt | null;
  readonly lens: Lens;
  /** One sentence in answer to the last key. */
  readonly said: string | null;
}

export interface Scene {
  readonly mode: Mode;
  readonly kernel: string;
  readonly bpftrace: string;
  readonly host: string;
  /** The hooks that are attached, by path. */
  readonly probes: readonly { readonly path: string; readonly hooks: readonly string[] }[];
  /** One line that the caller wants seen all the time: that this is the bundled recording, and why. */
  readonly notice: string | null;
  /** The file into which a live trace is recorded now. */
  readonly recordingTo: string | null;
  readonly motion: Motion;
  readonly extent: Extent | null;
  /** Milliseconds since the last row of a live trace arrived. */
  readonly silentMs: number;
  readonly gaze: Gaze;
  readonly reading: Reading;
}

export const FIRST_GAZE: Gaze = {
  place: { at: 'files' },
  trail: [],
  overlay: null,
  chosen: { files: null, processes: null, waits: null, events: null },
  scroll: 0,
  sort: 'trouble',
  filter: '',
  search: '',
  prompt: null,
  lens: { share: 1, cursor: null },
  said: null,
};
