/**
 * Processes and the open files in their hands: what the model remembers of them. See state.ts for the rules.
 */
import type { BootNs, Dev, Ino, Ptr } from '../event/event.ts';
import type { HandOverHow } from './answer.ts';
import type { Lease, Pin } from './file-state.ts';

/** How a thing came to be known: rows of its own told of it, or a walk found it there. */
export interface Sighting {
  readonly origin: 'observed' | 'snapshot';
  /** The number of the last walk that showed it; 0: none did. */
  shown: number;
  /** Where the walk has it from, in words; '' where it read the kernel's object itself. */
  source: string;
}

/** A process (a thread group). */
export interface Task {
  readonly pid: number;
  comm: string;
  /** When its fork was seen; null for a process older than the trace. */
  readonly born: BootNs | null;
  exited: BootNs | null;
  /** It had exited before anything was seen of it: a kernel object remembers its pid. */
  gone: boolean;
  /**
   * It may have descriptors that are older than the trace: it is older itself, or was forked by such a process. A program
   * that was started while traced is taken to have none.
   */
  older: boolean;
  /** Its last fork: children share what was opened before. */
  forked: BootNs | null;
  table: FdTable;
  /** Whether it may be named in a finding: a new name of its is then told. */
  isTold: boolean;
  /** Live leases and pins that it took: its exit changes what is said about them. Changed as sparse.ts says. */
  took: ReadonlySet<Lease | Pin>;
}

/** A descriptor table; processes made with CLONE_FILES share one. Its parts are changed as sparse.ts says. */
export interface FdTable {
  slots: ReadonlyMap<number, OpenFile>;
  /** Every open file that some descriptor of this table leads to, also where the number is not known. */
  files: ReadonlySet<OpenFile>;
  users: ReadonlySet<Task>;
}

/** One descriptor table's share in an open file. */
export interface Hold extends Sighting {
  readonly table: FdTable;
  /** The process that came by it first; the table's other users shared it. */
  readonly task: Task;
  /** The last ones known, also when they are closed. */
  fds: number[];
  readonly how: HandOverHow;
  readonly from: Task | null;
  readonly since: BootNs;
  until: BootNs | null;
  /** No row said how it came here. */
  readonly implied: boolean;
  /** Several processes may have handed it over. */
  readonly ambiguous: boolean;
  /** Descriptors that were closed without their number being known. */
  unknownCloses: number;
}

/** One step of an open file from hand to hand; `to` is null while it sits in a socket's queue. */
export interface HandOverRecord {
  readonly how: HandOverHow;
  readonly from: Task | null;
  to: Task | null;
  at: BootNs;
  readonly sent: BootNs;
  /** The descriptors that came with it; later ones (dup) are not of this hand-over. */
  fds: readonly number[];
  /** It sat in the queue until the file's end: nobody received it. */
  dropped: boolean;
  /** Several processes had sent it or had it: this may have come from another one. */
  ambiguous: boolean;
}

/** What keeps an open file alive besides descriptors; only a walk tells of it. */
export interface Keeper extends Sighting {
  readonly how: 'socket-queue' | 'io_uring-file' | 'mapping';
  /** The socket's or ring's own open files; null for a mapping. */
  readonly anchor: Anchor | null;
  /** The process that maps it; null for the others. */
  readonly task: Task | null;
  /** How often it has the file: one message may be sent twice. */
  references: number;
  readonly since: BootNs;
  until: BootNs | null;
}

/**
 * How an open file came to be known: `seen`: it was opened while traced. `inferred`: its first row came from the only
 * process that can have it. `before`: it may be older than the trace, so others may have it too.
 */
export type FileOrigin = 'seen' | 'inferred' | 'before';

/** An open file description (struct file). */
export interface OpenFile {
  readonly ptr: Ptr;
  readonly dev: Dev;
  readonly ino: Ino;
  /** file->private_data: the pipe, the uverbs file; 0 where not known. */
  object: Ptr;
  readonly since: BootNs;
  readonly origin: FileOrigin;
  /** When a walk first showed all that have it; null: none did. */
  walked: BootNs | null;
  /** The number of the last walk that showed it; 0: none did. */
  shown: number;
  /** Live holds, one for each table. A list: nearly every file has one or two. */
  readonly held: Hold[];
  /** Ended holds, oldest first. */
  readonly past: Hold[];
  /** Oldest first; ended ones stay. */
  readonly keepers: Keeper[];
  handOvers: HandOverRecord[];
  leases: Lease[];
  closed: FinalClose | null;
}

export interface FinalClose {
  readonly at: BootNs;
  readonly task: Task | null;
  /** PF_ flags of the task that ran `__fput`. */
  readonly flags: number;
  /** False where the pointer turned up as another file: the final close itself was not seen. */
  readonly seen: boolean;
}

/** What keeps pins and other open files alive: a struct file or its private_data, found by pointer. */
export interface Anchor {
  readonly ptr: Ptr;
  readonly files: OpenFile[];
  /** Live pins. */
  readonly pins: Set<Pin>;
  /** Open files in its queue or table: see Keeper. Null where it never had one, as nearly all. */
  kept: Set<OpenFile> | null;
}
