/**
 * What the model remembers: tasks, open files, inodes, leases, pins, hand-overs, operations, and how they are tied.
 *
 * Plain data only (objects, Maps, Sets, no functions): `structuredClone` copies a model, cycles included, so a
 * checkpoint or a step backwards needs no code of its own. Only the reducers in this folder change it. An entity is
 * named by its kernel pointer or number while it lives; its end takes it out of the table, so that a reused pointer
 * makes a new one.
 */
import type { BootNs, InodeKey, Ptr } from '../event/event.ts';
import type { Header } from '../event/header.ts';
import type { Finding, LeaseState } from './answer.ts';
import type { Ended, Inode, OperationRecord, Pin } from './file-state.ts';
import { LIMITS } from './limits.ts';
import { createRing, type Ring } from './ring.ts';
import type { Anchor, OpenFile, Task } from './task-state.ts';
import { createWalkState, type WalkState } from './walk-state.ts';

export type * from './file-state.ts';
export type * from './task-state.ts';
export type * from './walk-state.ts';

/** A lease break under way in one thread. */
export interface ActiveBreak {
  readonly inode: Inode;
  readonly class: LeaseState['class'];
  readonly write: boolean;
  readonly since: BootNs;
  blocked: boolean;
}

/** Rows of a kind, or of no known kind, that were lost between two moments, came twice, or came too late. */
export interface Loss {
  /** `skipped`: the kernel did not run a probe; `rows` are its hits, each of which may have been a row. */
  readonly what: 'lost' | 'extra' | 'late' | 'skipped';
  readonly from: BootNs;
  readonly to: BootNs;
  /** Null: lost before the kernel's counters could tell the kind. */
  readonly kind: string | null;
  readonly rows: number;
  /** Several losses became this one, to stay within memory. */
  readonly isMerged?: boolean;
  /** And not all of them were lost rows. */
  readonly isMixed?: boolean;
  /** Of a row that came too late: what it is about; left out where that may be anything. */
  readonly about?: LateRow;
}

/** What a late row names, so that it casts doubt on nothing else. */
export interface LateRow {
  readonly pid: number;
  readonly file: Ptr | 0;
  readonly object: Ptr | 0;
  readonly inode: InodeKey | null;
}

export interface CoverageState {
  /** The first row's time. */
  start: BootNs | null;
  from: BootNs | null;
  now: BootNs;
  readonly seen: Map<string, number>;
  rows: number;
  /** The counters of the beat before last and of the last one. */
  fired: ReadonlyMap<string, number>;
  firedAt: BootNs | null;
  firedBefore: BootNs | null;
  /** Beats since these counters came: they are compared once all rows that they count must have come. */
  beatsWaited: number;
  /** By kind: when last all rows that the kernel had counted were seen, or known to be lost. */
  readonly balanced: Map<string, BootNs>;
  readonly lostByKind: Map<string, number>;
  /** What had been seen at the last beat, by kind. */
  seenBefore: ReadonlyMap<string, number>;
  /** Rows more than the kernel counted. */
  readonly extraByKind: Map<string, number>;
  /** Rows that were lost in traces before this one, where recordings were joined. */
  lostBefore: number;
  /** Rows that bpftrace said it lost. */
  streamLost: number;
  late: number;
  /** The next row is late. */
  isLateNext: boolean;
  bad: number;
  readonly losses: Loss[];
  /** Counts changes of what lowers every answer: of `losses` and `forgotten`, and whether a walk is under way. */
  lossVersion: number;
  ended: boolean;
  /** The final counters were read: every lost row's kind is known. */
  settled: boolean;
  cut: string | null;
  /** Where recordings were joined. */
  readonly seams: { readonly at: BootNs; readonly why: string }[];
  /** Ended things that were forgotten. */
  evicted: number;
  /** Living things that were forgotten: answers may lack them. */
  forgotten: number;
  /** Hits for which the kernel did not run a probe. */
  skipped: number;
}

export interface Model {
  readonly header: Header;
  readonly coverage: CoverageState;
  /** The latest process of each pid. */
  readonly tasks: Map<number, Task>;
  readonly exited: Ring<Task>;
  /** Processes in `tasks` that have not exited. */
  living: number;
  /** Counts new names of processes that findings may name. */
  renames: number;
  readonly files: Map<Ptr, OpenFile>;
  /** Open files by their private_data. */
  readonly filesByObject: Map<Ptr, Set<OpenFile>>;
  /** Live holds of all files. */
  holds: number;
  readonly anchors: Map<Ptr, Anchor>;
  /** Live pins of each owner object, oldest first. */
  readonly objects: Map<Ptr, Set<Pin>>;
  readonly inodes: Map<InodeKey, Inode>;
  /** By thread id. */
  readonly operations: Map<number, OperationRecord>;
  readonly breaks: Map<number, ActiveBreak>;
  readonly waiting: Set<OperationRecord>;
  /** All that has ended, oldest first. */
  readonly ended: Ring<Ended>;
  /** Findings about what is no longer remembered. */
  readonly archive: Map<string, Tally>;
  readonly walk: WalkState;
}

/** A finding, and how many like it there were (see Draft.key in findings/rule.ts). */
export interface Tally {
  readonly finding: Finding;
  readonly inode: InodeKey;
  /** What is counted together. */
  readonly name: string;
  readonly times: number;
}

/** An empty model of what a trace with this header will tell. */
export function createModel(header: Header): Model {
  const never = 0 as BootNs;
  return {
    header,
    coverage: {
      start: null,
      from: null,
      now: never,
      seen: new Map(),
      rows: 0,
      fired: new Map(),
      firedAt: null,
      firedBefore: null,
      beatsWaited: 0,
      balanced: new Map(),
      lostByKind: new Map(),
      seenBefore: new Map(),
      extraByKind: new Map(),
      lostBefore: 0,
      streamLost: 0,
      late: 0,
      isLateNext: false,
      bad: 0,
      losses: [],
      lossVersion: 0,
      ended: false,
      settled: false,
      cut: null,
      seams: [],
      evicted: 0,
      forgotten: 0,
      skipped: 0,
    },
    tasks: new Map(),
    exited: createRing(LIMITS.exitedTasks),
    living: 0,
    renames: 0,
    files: new Map(),
    filesByObject: new Map(),
    holds: 0,
    anchors: new Map(),
    objects: new Map(),
    inodes: new Map(),
    operations: new Map(),
    breaks: new Map(),
    waiting: new Set(),
    ended: createRing(LIMITS.ended),
    archive: new Map(),
    walk: createWalkState(),
  };
}
