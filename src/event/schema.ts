/**
 * The one table of all rows: kind → columns, in the order in which the probes print them.
 *
 * A row is a bpftrace tuple, printed under `-f json`: `{"type":"value","data":[kind, ...COMMON, ...columns]}`.
 * The headers of `probes/*.bt` repeat these lines (`// @row kind: columns`) and a test holds the two together.
 * Columns are append-only; any other change needs a new SCHEMA_VERSION.
 */
export const SCHEMA_VERSION = 1;

/**
 * What a column holds:
 * - `int`: a signed integer that a double holds exactly
 * - `ptr`: a kernel address, printed as (int64); renumbered on disk (design: the layout of the kernel must not leak)
 * - `dev`: the kernel's own dev_t (major << 20 | minor; include/linux/kdev_t.h), not stat's encoding
 * - `ino`: an inode number; kept as text when a double cannot hold it
 * - `str`: text chosen by user space (a process or file name): hostile until cleaned
 */
export type ColumnType = 'int' | 'ptr' | 'dev' | 'ino' | 'str';

export type Columns = Readonly<Record<string, ColumnType>>;

/** Printed by every row right after its kind: nanoseconds of CLOCK_BOOTTIME, cpu, tgid, thread id, thread name. */
export const COMMON = {
  ts: 'int',
  cpu: 'int',
  pid: 'int',
  tid: 'int',
  comm: 'str',
} as const satisfies Columns;

const FILE = { file: 'ptr', dev: 'dev', ino: 'ino', mode: 'int', object: 'ptr' } as const satisfies Columns;
const INODE = { dev: 'dev', ino: 'ino' } as const satisfies Columns;

export const SCHEMA = {
  /** First row: every probe is attached. */
  hello: { schema: 'int' },
  /** Every second: the tracer lives. The kernel's own counters (`@fired`) follow as a map row. */
  beat: {},
  /** Last row: every probe but END is detached; the counters that follow are final. */
  bye: {},
  /**
   * whopins' own row: since `since` (boot ns) the kernel did not run the program of `hook` for `hits` hits, because it
   * had been interrupted or preempted in that very program (src/capture/skipped-hits.ts). `kinds`: the rows that the
   * program fires, with blanks between; empty where it may bear on any.
   */
  'probe.skipped': { hook: 'str', kinds: 'str', hits: 'int', since: 'int' },

  /** A new process (not a thread). `pid` is the parent. `flags` are clone(2)'s: CLONE_FILES means a shared fd table. */
  'task.forked': { child: 'int', flags: 'int' },
  /** execve(2) succeeded; `comm` is the new name. Descriptors marked close-on-exec follow as `fd.closed`. */
  'task.executed': {},
  /** The last thread of a process exits. `code` is the raw exit code: low 7 bits signal, next byte status. */
  'task.exited': { code: 'int' },

  /**
   * A descriptor of an interesting file appeared in `pid`'s table. `object` is file->private_data: the pipe, the
   * uverbs file. `how`: 0 open, pipe, dup or similar; 1 received over SCM_RIGHTS; 2 dup2/dup3; 3 pidfd_getfd.
   */
  'fd.installed': { fd: 'int', ...FILE, how: 'int' },
  /** A descriptor went. `fd` is -1 where the kernel path does not know it (close_range, exec, dup2 over it). */
  'fd.closed': { fd: 'int', ...FILE },
  /** sendmsg(2) put a reference to `file` into an AF_UNIX queue. `nth` of `count` files of that message. */
  'fd.sent': { ...FILE, nth: 'int', count: 'int' },
  /**
   * A message that carried the file went without being received: its queue was closed, or the receiver had no room.
   * `nth` and `count` as in `fd.sent`.
   */
  'fd.discarded': { ...FILE, nth: 'int', count: 'int' },
  /** The last reference went: `__fput`. `flags` are the running task's PF_ flags, `stack` names the context. */
  'file.finalClosed': { ...FILE, flags: 'int', stack: 'str' },

  /** One name on the way from an inode up to its file system's root: `depth` 0 is the file's own name. */
  'inode.named': { inode: 'ptr', ...INODE, depth: 'int', name: 'str', fs: 'str' },
  /** The inode left memory: its pointer may be reused. */
  'inode.evicted': { inode: 'ptr', ...INODE },

  /** A lease, delegation or layout was granted. `type`: 0 read, 1 write. `fd` is -1 when a kernel user took it. */
  'lease.added': { file: 'ptr', owner: 'ptr', ...INODE, flags: 'int', type: 'int', fd: 'int' },
  /** It was refused with `error` (negative errno). */
  'lease.refused': {
    file: 'ptr',
    owner: 'ptr',
    ...INODE,
    flags: 'int',
    type: 'int',
    fd: 'int',
    error: 'int',
  },
  /** Its type changes from `type` to `to` (downgrade, upgrade). `recorded` is the pid that the lease carries. */
  'lease.changed': {
    lease: 'ptr',
    file: 'ptr',
    owner: 'ptr',
    ...INODE,
    flags: 'int',
    type: 'int',
    to: 'int',
    recorded: 'int',
  },
  /** It ended. `cause`: 0 unknown, 1 unlock, 2 final close, 3 taken away by the break timeout, 4 lease manager. */
  'lease.released': {
    lease: 'ptr',
    file: 'ptr',
    owner: 'ptr',
    ...INODE,
    flags: 'int',
    type: 'int',
    cause: 'int',
    recorded: 'int',
  },
  /**
   * The NFS client for which nfsd took the lease: its address, `family` as in struct sockaddr, `word0` to `word3` as they
   * lie in memory (IPv4 has one), and the name that it gave itself. Follows the lease's own row.
   */
  'lease.client': {
    file: 'ptr',
    owner: 'ptr',
    ...INODE,
    family: 'int',
    word0: 'int',
    word1: 'int',
    word2: 'int',
    word3: 'int',
    name: 'str',
  },
  /** The break signal goes to process `to`, with the descriptor number recorded when the lease was taken. */
  'lease.signalled': { file: 'ptr', ...INODE, fd: 'int', to: 'int', signal: 'int' },

  /**
   * Somebody wants in: `__break_lease` on an inode that has leases. Up to 6.18 `mode` is the open mode and `type`
   * FL_LEASE / FL_DELEG / FL_LAYOUT; from 7.2 on `mode` holds LEASE_BREAK_* bits and `type` is -1.
   */
  'break.requested': { ...INODE, mode: 'int', type: 'int' },
  /** It has to wait. Printed once for each break, however often the kernel's loop goes round. */
  'break.blocked': { ...INODE, flags: 'int', type: 'int' },
  /** The break is over for this breaker, `result` 0 or negative errno (-11 EWOULDBLOCK, -512 interrupted). */
  'break.ended': { ...INODE, result: 'int' },
  /** The open(2) that a break held up returned (fd or negative errno). */
  'open.ended': { result: 'int' },

  /**
   * User pages were pinned, one row for each owner object and file. `object` is the owner (ib_umem, pipe), `reach`
   * what a descriptor must lead to in order to keep it alive (struct file or file->private_data). `index` is the
   * first page's offset in the file, in pages. `device` is the RDMA device's name or ''.
   */
  'pin.taken': {
    object: 'ptr',
    reach: 'ptr',
    ...INODE,
    page: 'ptr',
    index: 'int',
    pages: 'int',
    bytes: 'int',
    address: 'int',
    longterm: 'int',
    write: 'int',
    via: 'str',
    device: 'str',
  },
  /** A long-term pin was refused with `error`; `file` is the mapping's struct file. */
  'pin.refused': { file: 'ptr', ...INODE, error: 'int', longterm: 'int', write: 'int', via: 'str' },
  /**
   * Short-term pins (direct I/O) of a file's pages, counted in the kernel: `times` calls took `pages` in all since boot ns
   * `since`. At most one row a second and file; pins of DAX pages, which others wait for, have rows of their own.
   */
  'pin.counted': { ...INODE, times: 'int', pages: 'int', since: 'int' },
  /** `pages` of an owner object were released; `left` remain, -1 where the object is older than the trace. */
  'pin.dropped': { object: 'ptr', page: 'ptr', pages: 'int', left: 'int', via: 'str' },

  /** `how`: 1 truncate(2), 2 ftruncate(2), 3 open with O_TRUNC. `name` is the path as given, or the file's name. */
  'truncate.began': { ...INODE, from: 'int', to: 'int', how: 'int', name: 'str' },
  'truncate.ended': { ...INODE, result: 'int' },
  /** fallocate(2) that takes blocks away or moves them. `mode` are FALLOC_FL_* bits. */
  'hole.began': { ...INODE, mode: 'int', offset: 'int', length: 'int', name: 'str' },
  'hole.ended': { ...INODE, result: 'int' },
  /** The running operation sleeps. `on` is `dax-page`: `page` is busy, the same pointer as in `pin.taken`. */
  'wait.began': { ...INODE, page: 'ptr', on: 'str' },
  'wait.ended': { ...INODE },

  /**
   * The walk: what a look into the kernel's objects found. Its rows are printed by whopins itself, not by a probe, so
   * the kernel's counters know nothing of them. `pid`, `tid` and `comm` are the process that the row is about, `ts` when
   * the walk began. `source` is '' where the fact was read in the kernel's object, otherwise where it comes from
   * instead, in words: such a fact is likely, not definite. All rows of one walk lie between these two.
   */
  'walk.began': {},
  /**
   * `gaps`: how many `walk.gap` rows came before. `acquired` and `released` are /proc/vmstat's nr_foll_pin_* then, -1
   * where this kernel does not count them. `rows`: all rows of this walk, both ends included, since nobody else counts
   * them; -1 where that is not known.
   */
  'walk.ended': { gaps: 'int', acquired: 'int', released: 'int', rows: 'int' },
  /** What this walk could not look into, and why. */
  'walk.gap': { path: 'str', reason: 'str' },
  /** The path of an inode, as a descriptor or mapping of `pid` shows it. */
  'walk.named': { ...INODE, path: 'str', fs: 'str' },
  /** `pid` has the open file under `fd`. */
  'walk.held': { fd: 'int', ...FILE, source: 'str' },
  /**
   * The open file is kept alive by another object, whose files have `keeper` as their `object`: `how` 1: it waits in
   * that AF_UNIX socket's queue; 2: it is a registered file of that io_uring; 3: `pid` keeps it by a mapping, `keeper` 0.
   */
  'walk.kept': { keeper: 'ptr', how: 'int', ...FILE, source: 'str' },
  /** `pid` maps `bytes` of the inode from `offset` on. */
  'walk.mapped': { ...INODE, address: 'int', bytes: 'int', offset: 'int', source: 'str' },
  /**
   * A run of consecutive pages that an owner object holds; columns as in `pin.taken`. `pid` is who pinned, 0 where the
   * object does not tell; `gone` 1: that process has exited. `dev` and `ino` 0: pages of no file. `orphan` 1: they were
   * a file's, which was cut under the pin; `dev` is that file system's where the page still tells.
   */
  'walk.pinned': {
    object: 'ptr',
    reach: 'ptr',
    ...INODE,
    page: 'ptr',
    index: 'int',
    pages: 'int',
    bytes: 'int',
    address: 'int',
    longterm: 'int',
    write: 'int',
    via: 'str',
    device: 'str',
    gone: 'int',
    orphan: 'int',
    source: 'str',
  },
  /**
   * All pages of an owner object: `pages` in all, of which the walk looked at `seen`; `counted` of them are in
   * nr_foll_pin_acquired. Comes after the object's `walk.pinned` rows.
   */
  'walk.owner': {
    object: 'ptr',
    reach: 'ptr',
    pages: 'int',
    seen: 'int',
    counted: 'int',
    via: 'str',
    device: 'str',
    source: 'str',
  },
  /**
   * A lease, delegation or layout; columns as in `lease.released`, `pid` is `recorded`. `left`: milliseconds until the
   * kernel takes it away, -1 where nobody breaks it.
   */
  'walk.leased': {
    lease: 'ptr',
    file: 'ptr',
    owner: 'ptr',
    ...INODE,
    flags: 'int',
    type: 'int',
    recorded: 'int',
    left: 'int',
    source: 'str',
  },
  /**
   * Thread `tid` sleeps in a call on the inode. `op`: open, truncate, hole-punch, close, unlink, other. `on`: as in
   * `wait.began`, or lease-break, layout-recall. `page` is the page it waits for, 0 where it waits for none; `index` its
   * place in the file; `idle` 1: nobody holds that page. `since`: when it fell asleep, boot ns. `where`: the kernel
   * function it sleeps in.
   */
  'walk.waiting': {
    ...INODE,
    op: 'str',
    on: 'str',
    page: 'ptr',
    index: 'int',
    idle: 'int',
    since: 'int',
    where: 'str',
    detail: 'str',
    source: 'str',
  },
} as const satisfies Readonly<Record<string, Columns>>;

/** Columns that were appended to a kind, and what they read as in a row that is older than they are. */
export const APPENDED = {
  'walk.ended': { rows: -1 },
} as const satisfies Partial<Record<keyof typeof SCHEMA, Readonly<Record<string, number | string>>>>;

export type RowKind = keyof typeof SCHEMA;

export const ROW_KINDS = Object.keys(SCHEMA) as readonly RowKind[];

/** Whether rows of this kind are whopins' own: no probe fires them, and no counter of the kernel has them. */
export function isOwnKind(kind: string): boolean {
  return kind.startsWith('walk.') || kind === 'probe.skipped';
}

const NOTHING_ABSENT: Readonly<Record<string, number | string>> = {};

/** What the columns read as that rows of this kind may lack. */
export function valuesOfAbsent(kind: RowKind): Readonly<Record<string, number | string>> {
  const appended: Partial<Record<RowKind, Readonly<Record<string, number | string>>>> = APPENDED;
  return appended[kind] ?? NOTHING_ABSENT;
}
