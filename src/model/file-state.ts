/**
 * Files and what happens to them: inodes, leases, pins, operations, refusals. See state.ts for the rules.
 */
import type { BootNs, Dev, Ino, InodeKey, Ptr } from '../event/event.ts';
import type { LeaseState, OperationName, PinVia, WaitOn } from './answer.ts';
import type { Anchor, OpenFile, Sighting, Task } from './task-state.ts';

export interface Inode {
  readonly key: InodeKey;
  readonly dev: Dev;
  readonly ino: Ino;
  /** From the file up to the root of its file system. */
  names: string[];
  fs: string | null;
  /** A name from a system call, where no walk gave one. */
  hint: string | null;
  /** The whole path, as a walk saw it. */
  path: string | null;
  /** The processes that mapped it when walk number `shown` looked, and how many bytes. */
  mapped: { readonly shown: number; readonly bytes: Map<Task, number> } | null;
  readonly since: BootNs;
  changed: BootNs;
  /** Counts changes: what was concluded from an earlier count is out of date. */
  version: number;
  evicted: BootNs | null;
  /** The inode that had this number before, if anything is remembered of it. */
  previous: Inode | null;
  /** These are changed as sparse.ts says. */
  leases: ReadonlySet<Lease>;
  pins: ReadonlySet<Pin>;
  operations: ReadonlySet<OperationRecord>;
  /** What has ended, oldest first. */
  past: ReadonlySet<Ended>;
  /** Pins taken by one process since it last released one. */
  growth: ReadonlyMap<Task, Growth>;
  /** The last lease that ended with its file: the row that says so may still come. */
  lastClosed: Lease | null;
  /** The last refusal: the next one may be the same again. */
  lastRefusal: Refusal | null;
  /** The last contradiction: the next one may be the same again. */
  lastContradiction: Contradiction | null;
  /** When what is told of it first contradicted itself. */
  contradicted: BootNs | null;
}

export interface Growth {
  readonly since: BootNs;
  pins: number;
  reported: boolean;
}

export interface Lease extends Sighting {
  readonly kind: 'lease';
  readonly inode: Inode;
  readonly file: OpenFile;
  readonly owner: Ptr;
  readonly class: LeaseState['class'];
  type: LeaseState['type'];
  /** Null where a walk found it and it does not tell. */
  readonly taker: Task | null;
  /** The descriptor given to F_SETLEASE; -1 for a kernel user (nfsd). */
  readonly fd: number;
  /** The NFS client for which nfsd took it, as it is shown: "127.0.0.1 (Linux NFSv4.2 box)"; null where that is not known. */
  client: string | null;
  /** The kernel's own record of the lease, where a walk told it. */
  record: Ptr;
  readonly since: BootNs;
  ended: BootNs | null;
  endedBy: NonNullable<LeaseState['ended_by']> | null;
  /** Its end was not seen but follows from what was. */
  presumed: boolean;
  /** False if it was there before its first row. */
  readonly seenTaken: boolean;
  /** The break that is under way. */
  breaking: BootNs | null;
  /** Breaks that a change of its type answered, oldest first. */
  readonly answered: AnsweredBreak[];
  /** When the kernel takes it away, where a walk told it. */
  deadline: BootNs | null;
  readonly changes: LeaseChange[];
  readonly signals: LeaseSignal[];
}

export interface LeaseChange {
  readonly at: BootNs;
  readonly from: LeaseState['type'];
  readonly to: LeaseState['type'];
}

export interface AnsweredBreak {
  readonly since: BootNs;
  readonly until: BootNs;
}

export interface LeaseSignal {
  readonly at: BootNs;
  readonly to: Task;
  /** The number recorded when the lease was taken. */
  readonly fd: number;
  readonly signal: number;
  /** The process had no descriptor of the file then; null where that cannot be known. */
  readonly stray: boolean | null;
}

/** A run of pages of a file. */
export interface Extent {
  readonly index: number;
  readonly pages: number;
}

export interface Pin extends Sighting {
  readonly kind: 'pin';
  readonly inode: Inode;
  readonly object: Ptr;
  /** Null where no descriptor is known to keep it alive. */
  readonly anchor: Anchor | null;
  /** Null where a walk found it and its owner object does not tell. */
  taker: Task | null;
  readonly since: BootNs;
  readonly via: PinVia;
  readonly device: string;
  readonly longterm: boolean;
  readonly write: boolean;
  /** Pages taken in all, and those still held. */
  taken: number;
  left: number;
  bytes: number;
  readonly extents: Extent[];
  /** The pages whose pointers are known: the first of each row. */
  readonly pages: Ptr[];
  /** Rows were lost or did not add up: the count may be off. */
  unsure: boolean;
  /** What the walk under way, or the last one, found of it. */
  walked: number;
  /** The walk looked only at some of its owner's pages. */
  partial: { readonly seen: number; readonly pages: number } | null;
  /** Its pages are no file's any more: the file was cut under it, and nothing told by whom. */
  orphan: boolean;
  /** The lease of its taker on this file. */
  lease: Lease | null;
  ended: BootNs | null;
  /** Its end was not seen but follows from what was. */
  presumed: boolean;
  freed: { readonly by: OperationRecord; readonly at: BootNs } | null;
}

export interface WaitRecord {
  readonly on: WaitOn;
  readonly since: BootNs;
  ended: BootNs | null;
  readonly leases: Set<Lease>;
  readonly pins: Set<Pin>;
  /** The busy pages that were waited for, as far as they are remembered. */
  readonly pages: Ptr[];
  /** What it waits for was identified: the very page, or the lease itself. */
  matched: boolean;
  /** A walk saw that nobody holds the page that it waits for, then. */
  idle: BootNs | null;
}

/** Pages that an operation takes from the file: [first, end). */
export interface PageRange {
  readonly first: number;
  readonly end: number;
}

export interface OperationRecord extends Sighting {
  readonly kind: 'operation';
  op: OperationName;
  readonly task: Task;
  readonly tid: number;
  readonly comm: string;
  /** Changes once, where the inode is known only from a later row. */
  inode: Inode;
  readonly started: BootNs;
  ended: BootNs | null;
  result: number | null;
  detail: string;
  /** The kernel function in which a walk saw it asleep; ''. */
  where: string;
  /** When a walk first saw it; null where rows of its own told of it. */
  readonly found: BootNs | null;
  readonly waits: WaitRecord[];
  /** No row said that it began: it is known by its break or its wait. */
  readonly implied: boolean;
  frees: PageRange | null;
  /** Pins whose pages it took from the file. */
  readonly freed: Pin[];
  /** Leases and pins because of which it was refused. */
  refusedBy: (Lease | Pin)[];
  /** Processes that wait for each other through it, from its own on. */
  cycle: { readonly at: BootNs; readonly tasks: readonly Task[] } | null;
}

/** A lease or a pin that the kernel did not grant; the same refusal over and over is one. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly what: 'lease' | 'pin';
  readonly inode: Inode;
  readonly task: Task;
  readonly at: BootNs;
  last: BootNs;
  count: number;
  readonly error: number;
  readonly longterm: boolean;
  readonly write: boolean;
  readonly via: PinVia | null;
}

/** A process whose pins on a file grew and grew. */
export interface Leak {
  readonly kind: 'leak';
  readonly inode: Inode;
  readonly task: Task;
  readonly since: BootNs;
  readonly at: BootNs;
  readonly pins: number;
}

/** Rows that cannot all be true; see contradictions.ts. */
export interface Contradiction {
  readonly kind: 'contradiction';
  readonly what:
    | 'acts-after-exit'
    | 'exit-unseen'
    | 'closed-while-held'
    | 'pages-miscounted'
    | 'lease-untold';
  readonly inode: Inode;
  readonly task: Task | null;
  readonly at: BootNs;
  last: BootNs;
  count: number;
}

export type Ended = Lease | Pin | OperationRecord | Refusal | Leak | Contradiction;
