/** What lists and timelines show of the files: less than a whole answer, and read many times a second by dashboards. */
import type { BootNs, InodeKey } from '../event/event.ts';
import type { Finding, NotCovered, OperationName, RowAccount, Target } from './answer.ts';

/** One line of a file list: enough to sort by trouble and to draw a row. */
export interface FileSummary {
  readonly key: InodeKey;
  readonly target: Target;
  /** Live holders only. */
  readonly leases: number;
  readonly breaking: number;
  readonly pins: number;
  readonly pinnedBytes: number;
  readonly holderPids: readonly number[];
  /** Processes that wait on this file now, longest first. */
  readonly waiting: readonly {
    readonly pid: number;
    readonly comm: string;
    readonly op: OperationName;
    readonly since_ns: number;
  }[];
  readonly findings: number;
  readonly worst: Finding['severity'] | null;
  readonly changed_ns: BootNs;
}

export type TimelineWhat = 'lease' | 'break' | 'pin' | 'hand-over' | 'close' | 'exit' | 'operation' | 'wait';

/** One moment in a file's story, in words without the time: "rdma[406] received uverbs fd 3 from rdma[405]". */
export interface TimelineEntry {
  readonly at_ns: number;
  readonly pid: number;
  readonly what: TimelineWhat;
  readonly text: string;
  /** The lease, pin or wait that starts or ends here; numbered from 0 in each timeline, to draw it as a lane. */
  readonly span?: { readonly lane: number; readonly edge: 'start' | 'end' };
}

/** How completely the trace saw what it claims to have seen. */
export interface Coverage {
  /** Tracing is complete from here (the hello row) on; null before it. */
  readonly from_ns: BootNs | null;
  readonly now_ns: BootNs;
  readonly rows: RowAccount;
  /** Rows lost by kind, where the kernel's counters tell. */
  readonly lostByKind: ReadonlyMap<string, number>;
  readonly ended: boolean;
  /** Why the stream ended before its time, if it did. */
  readonly cut: string | null;
  readonly evicted: number;
  readonly not_covered: readonly NotCovered[];
}
