/**
 * What whopins answers: the shapes of `who --json` and `report --json`. These names are the tool's contract with
 * scripts: fields may be added, never renamed.
 */
import type { NotCovered } from '../event/header.ts';
import type { RowKind } from '../event/schema.ts';

export type { Coverage, FileSummary, TimelineEntry, TimelineWhat } from './overview.ts';
export type { NotCovered };

export type Certainty = 'definite' | 'likely' | 'unknown';
export type PinVia = 'rdma-mr' | 'io_uring-buffer' | 'xdp-umem' | 'vfio' | 'direct-io' | 'vmsplice' | 'other';
export type HandOverHow = 'open' | 'fork' | 'dup' | 'scm_rights' | 'pidfd_getfd' | 'unknown';

/** The file that was asked about. `dev` is major:minor. `path` is null where no name was seen. */
export interface Target {
  readonly dev: string;
  readonly ino: number | string;
  readonly path: string | null;
  readonly fs: string | null;
}

export interface TaskRef {
  readonly pid: number;
  readonly comm: string;
  readonly alive: boolean;
  /** When it exited (boot ns), if it did while traced. */
  readonly exited_ns?: number;
}

/** One process through which an object is alive now (or was, when the holder has ended). */
export interface HeldBy extends TaskRef {
  /** Its descriptors of the object; of the socket or ring that keeps the object, where `through` says so. */
  readonly fds: readonly number[];
  /** By what the process keeps the object alive. */
  readonly through: 'descriptor' | 'socket-queue' | 'io_uring-file' | 'mapping';
  readonly how: HandOverHow;
  /** The process that handed it over; null for the first one. */
  readonly from: number | null;
  readonly since_ns: number;
  /** When it let go, where what it held lived on without it: in a socket's queue, for one. */
  readonly until_ns?: number;
}

/** One step of the chain of hands, oldest first. */
export interface HandOver {
  readonly how: HandOverHow;
  readonly from: TaskRef | null;
  readonly to: TaskRef | null;
  /** null while in flight: sent, not yet received. */
  readonly at_ns: number;
  readonly in_flight: boolean;
}

export interface LeaseState {
  readonly type: 'read' | 'write' | 'none';
  readonly class: 'lease' | 'delegation' | 'layout';
  /** The NFS client for which nfsd took it: "10.0.0.7 (Linux NFSv4.2 box)". */
  readonly client?: string;
  readonly state: 'active' | 'breaking' | 'ended';
  readonly ended_by?: 'unlock' | 'close' | 'timeout' | 'manager' | 'unknown';
  readonly since_ns: number;
  readonly ended_ns?: number;
  /** Until the kernel takes it away, as of the answer's instant; only where a walk saw it being broken. */
  readonly left_ms?: number;
}

interface HolderCommon {
  /** Null where only a walk found it and the object does not tell. */
  readonly taken_by: TaskRef | null;
  readonly held_by: readonly HeldBy[];
  readonly hand_overs: readonly HandOver[];
  /** A reference sits in a socket's queue. */
  readonly in_flight: boolean;
  readonly since_ns: number;
  /** Set when the holder has ended: report lists those too. */
  readonly ended_ns?: number;
  /** `snapshot`: a walk found it, no event told how it came to be. */
  readonly origin: 'observed' | 'snapshot';
  /** The kernel objects that say so, for a snapshot: "pipe 0xff2cc69fc13b53c0", "page 0xffd32ffec1000600". */
  readonly evidence: readonly string[];
  readonly certainty: Certainty;
  /** Why it is less than definite. */
  readonly reasons: readonly string[];
  /** Whether a truncate of the file would have to wait for it now; `perhaps`: only if the file is DAX. */
  readonly stops_truncate: 'yes' | 'perhaps' | 'no';
}

export interface PinHolder extends HolderCommon {
  readonly kind: 'pin';
  readonly via: PinVia;
  readonly pages: number;
  readonly bytes: number;
  readonly longterm: boolean;
  readonly write: boolean;
  /** What holds the pages: "RDMA memory region on rxe0", "pipe". */
  readonly object: string;
  /** The lease of the process that pinned, on this file, or null if it never had one. */
  readonly lease: LeaseState | null;
  /** The pages were taken from the file while pinned, by this operation. */
  readonly freed_by?: {
    readonly op: OperationName;
    readonly pid: number;
    readonly comm: string;
    readonly at_ns: number;
  };
  /** Its pages are no file's any more: the file was cut under the pin before a walk found it. */
  readonly orphan?: boolean;
}

export interface LeaseHolder extends HolderCommon {
  readonly kind: 'lease';
  readonly lease: LeaseState;
}

export type Holder = PinHolder | LeaseHolder;

/** A process that has the file open or maps it: no holder, but some waits happen only while the file is mapped. */
export interface FileUser extends TaskRef {
  readonly fds: readonly number[];
  /** 0: it does not map the file. */
  readonly mapped_bytes: number;
}

/** The pages that the kernel counts as pinned (nr_foll_pin_acquired - nr_foll_pin_released), at the time of a walk. */
export interface PinBalance {
  readonly counted: number;
  /** Those of them that lie in the objects which the walk found, files' pages or not. */
  readonly explained: number;
}

export type OperationName = 'open' | 'truncate' | 'hole-punch' | 'close' | 'unlink' | 'other';
export type WaitOn = 'lease-break' | 'layout-recall' | 'dax-page';

export interface Wait {
  readonly on: WaitOn;
  readonly ms: number;
  readonly since_ns: number;
  readonly ended_ns?: number;
  /** The processes that it waits (or waited) for. */
  readonly blockers: readonly number[];
  /** The page that it waits for is held by nobody: the kernel missed a wake-up. */
  readonly idle?: boolean;
}

export interface Operation {
  readonly op: OperationName;
  readonly pid: number;
  readonly comm: string;
  readonly state: 'waiting' | 'running' | 'done' | 'unknown';
  /** What the call returned: 0 or an fd, or a negative errno; null while it runs. */
  readonly result: number | null;
  readonly waited_ms: number;
  readonly waits: readonly Wait[];
  readonly started_ns: number;
  readonly ended_ns?: number;
  /** Size before and after for a truncate; offset and length for a hole punch. */
  readonly detail: string;
  /** As for a holder: the task, the page on its stack, the function it sleeps in. */
  readonly evidence: readonly string[];
}

export interface WhoAnswer {
  readonly target: Target;
  readonly holders: readonly Holder[];
  readonly operations: readonly Operation[];
  /** As far as a walk saw them; empty where there was none. */
  readonly users: readonly FileUser[];
  /** Null without a walk, and where the kernel does not count. */
  readonly pin_balance: PinBalance | null;
  /** When the last walk looked, boot ns; null without one. */
  readonly walked_ns: number | null;
  /** The smallest set of things to let go of, in words; whopins never does it itself. */
  readonly to_free: readonly string[];
  readonly certainty: Certainty;
  readonly reasons: readonly string[];
  readonly loss: { readonly rows: number };
  readonly not_covered: readonly NotCovered[];
  /** The instant that the answer is about, and the start of the trace: boot ns. */
  readonly at_ns: number;
  readonly from_ns: number;
}

export type FindingId =
  | 'blocked-operation'
  | 'freed-under-pin'
  | 'refused-operation'
  | 'refused-pin'
  | 'zombie-lease'
  | 'pin-without-lease'
  | 'pin-outlives-lease'
  | 'handed-over-without-lease'
  | 'holder-gone'
  | 'lease-break-timeout'
  | 'sigio-stray'
  | 'wait-cycle'
  | 'wait-without-holder'
  | 'late-final-close'
  | 'pin-leak'
  | 'trace-contradiction';

export interface Finding {
  readonly id: FindingId;
  readonly severity: 'critical' | 'warning' | 'note';
  readonly certainty: Certainty;
  readonly file: { readonly dev: string; readonly ino: number | string; readonly path: string | null };
  readonly pids: readonly number[];
  readonly start_ns: number;
  /** null while it still holds. */
  readonly end_ns: number | null;
  readonly text: string;
  /** Where the rule stands in the 2019 thread: author and date. */
  readonly thread: string;
  /** The rows that it rests on, oldest first. */
  readonly evidence: readonly EvidenceRow[];
}

/** A row of the trace, by its kind and time (boot ns). */
export interface EvidenceRow {
  readonly row: RowKind;
  readonly at_ns: number;
}

export interface RowAccount {
  readonly seen: number;
  readonly lost: number;
  readonly late: number;
  readonly bad: number;
}

/** Rows that were lost between two moments (boot ns); their kind is null where the kernel's counters do not tell it. */
export interface RowLoss {
  readonly from_ns: number;
  readonly to_ns: number;
  readonly rows: number;
  readonly kind: string | null;
}

export interface ReportAnswer {
  readonly findings: readonly Finding[];
  readonly files: readonly WhoAnswer[];
  readonly rows: RowAccount;
  readonly losses: readonly RowLoss[];
  /** Things that were forgotten to stay within memory: the oldest of what has ended, unless the reasons say more. */
  readonly forgotten: number;
  readonly complete: boolean;
  readonly certainty: Certainty;
  readonly reasons: readonly string[];
  readonly not_covered: readonly NotCovered[];
  readonly kernel: string;
  readonly bpftrace: string;
  /** The instant that the report is about, and the start of the trace: boot ns. */
  readonly at_ns: number;
  readonly from_ns: number;
}
