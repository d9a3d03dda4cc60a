/**
 * What is remembered of walks: what the last one could not see, what it counted, and what its rows mean together. See
 * state.ts for the rules.
 */
import type { BootNs, InodeKey, Ptr } from '../event/event.ts';
import type { NotCovered } from '../event/header.ts';
import type { PinBalance } from './answer.ts';
import type { OperationRecord, WaitRecord } from './file-state.ts';
import type { OpenFile, Task } from './task-state.ts';

/** A wait that the walk under way found: what it waits for may come in a later row of the walk. */
export interface WalkedWait {
  readonly operation: OperationRecord;
  readonly wait: WaitRecord;
  /** 0: it waits for no page, or the walk did not find which. */
  readonly page: Ptr;
  readonly index: number;
}

/** Pages of an owner object that a walk could not look at: they may be any file's. */
export interface HiddenPages {
  readonly object: Ptr;
  readonly pages: number;
  /** What holds them: "RDMA memory region on mlx5_0". */
  readonly what: string;
}

export interface WalkState {
  /** Walks that have begun: their numbers count from 1. */
  count: number;
  /** When the last one looked. */
  at: BootNs | null;
  isFinished: boolean;
  /** Rows of all walks: where these are all rows, nothing was traced. */
  rows: number;
  /** Of those, the rows of the walk under way, or of the last one. */
  seen: number;
  /** What the last walk could not look into. */
  gaps: NotCovered[];
  /** The same of the finished walk before it; null where there was none. */
  gapsBefore: readonly NotCovered[] | null;
  /** Pages that the owner objects of the last walk explain, and how they compare with the kernel's own count. */
  explained: number;
  balance: PinBalance | null;
  hidden: HiddenPages[];
  waits: WalkedWait[];
  /** Processes known only because a lease of the last walk recorded their pid. */
  recorded: Set<Task>;
  /** Processes that were gone when a walk found what they had taken, by pid. */
  readonly gone: Map<number, Task>;
  /** Open files that walks showed, by inode. */
  readonly open: Map<InodeKey, Set<OpenFile>>;
}

export function createWalkState(): WalkState {
  return {
    count: 0,
    at: null,
    isFinished: false,
    rows: 0,
    seen: 0,
    gaps: [],
    gapsBefore: null,
    explained: 0,
    balance: null,
    hidden: [],
    waits: [],
    recorded: new Set(),
    gone: new Map(),
    open: new Map(),
  };
}
