/**
 * A small kernel: processes, descriptor tables (shared ones, too), pipes, uverbs files, rings and socket queues. It
 * counts references, reuses pids and pointers, and prints the rows that the probes would print; its own state is the
 * truth that the model is compared with. Leases and pins are in small-memory.ts.
 */
import type { RowEvent } from '../../src/event/event.ts';
import { hello, named, type Place, row, type Who } from './rows.ts';
import type { Lease, Pin } from './small-memory.ts';

type Columns = Readonly<Record<string, number | string>>;
export type FileKind = 'regular' | 'uverbs' | 'pipe' | 'ring';

export interface File {
  readonly ptr: number;
  readonly columns: Columns;
  readonly kind: FileKind;
  /** Its private_data: the pipe, the ring. */
  readonly object: number;
  refs: number;
  lease: Lease | null;
  /** How it went from hand to hand: "scm_rights 100 101". */
  readonly steps: Set<string>;
}

export interface Process {
  readonly pid: number;
  comm: string;
  /** Shared by processes made with CLONE_FILES. */
  fds: Map<number, File>;
}

interface Sent {
  readonly file: File;
  readonly from: number;
}

export type Kernel = ReturnType<typeof bootKernel>;

const CLONE_FILES = 0x400;
const KWORKER: Who = { pid: 9, comm: 'kworker/0:1' };
/** Where the files of each kind live; a pipe is an inode of its own. */
const HOMES = { pipe: '0:14', uverbs: '0:5', ring: '0:15' } as const;

/** A kernel with one program, pid 100, that was started while traced. `onLast` is told of every open file whose last reference went. */
export function bootKernel(onLast: (by: Who, file: File) => void) {
  const first: Process = { pid: 100, comm: 'main', fds: new Map() };
  const processes: Process[] = [first];
  const events: RowEvent[] = [
    hello(),
    row(0.5, { pid: 1, comm: 'init' }, 'task.forked', { child: first.pid }),
    row(0.6, first, 'task.executed'),
  ];
  const queue: Sent[] = [];
  const leases = new Set<Lease>();
  const pins = new Set<Pin>();
  const hot = new Set<Place>();
  const freePtrs: number[] = [];
  const freePids: number[] = [];
  let later: (() => void)[] = [];
  let seconds = 1;
  let lastPtr = 1000;
  let lastPid = 100;
  let asked = 0;

  function emit(by: Who, kind: RowEvent['kind'], columns: Columns = {}): void {
    seconds += 1e-5;
    events.push(row(seconds, by, kind, columns));
  }

  /** The memory of a freed object is given out again, every other time. */
  function newPtr(): number {
    asked += 1;
    const freed = asked % 2 === 0 ? freePtrs.pop() : undefined;
    if (freed !== undefined) return freed;
    lastPtr += 2;
    return lastPtr;
  }

  function freePtr(ptr: number): void {
    if (ptr !== 0 && !freePtrs.includes(ptr)) freePtrs.push(ptr);
  }

  /** From its first lease or pin on a file is reported with its descriptors, and named once. */
  function heat(by: Who, place: Place): void {
    if (hot.has(place)) return;
    hot.add(place);
    for (const name of named(0, by, place)) {
      seconds += 1e-5;
      events.push({ ...name, ts: Math.round(seconds * 1e9) as RowEvent['ts'] });
    }
  }

  function newFile(kind: FileKind, place: Place | null, object = 0): File {
    const ptr = newPtr();
    const inode = place ?? homeOf(kind, object);
    const columns = { file: ptr, dev: inode.dev, ino: inode.ino, mode: 0, object };
    return { ptr, columns, kind, object, refs: 0, lease: null, steps: new Set() };
  }

  /** Puts a file under a number; what had this number is closed first, as dup2(2) does. */
  function install(process: Process, file: File, fd: number, how: number, isSilent = false): void {
    const replaced = process.fds.get(fd);
    if (replaced !== undefined) {
      emit(process, 'fd.closed', { ...replaced.columns, fd: -1 });
      process.fds.delete(fd);
      drop(process, replaced);
    }
    process.fds.set(fd, file);
    file.refs += 1;
    if (!isSilent) emit(process, 'fd.installed', { ...file.columns, fd, how });
  }

  function close(process: Process, fd: number, file: File): void {
    process.fds.delete(fd);
    emit(process, 'fd.closed', { ...file.columns, fd });
    drop(process, file);
  }

  /** Lets one reference go. */
  function drop(by: Who, file: File): void {
    file.refs -= 1;
    if (file.refs > 0) return;
    emit(by, 'file.finalClosed', file.columns);
    onLast(by, file);
    freePtr(file.ptr);
    if (file.object !== 0 && !openFiles().some((other) => other.object === file.object)) freePtr(file.object);
  }

  function openFiles(): File[] {
    return [...processes.flatMap((process) => [...process.fds.values()]), ...queue.map(({ file }) => file)];
  }

  function newPid(): number {
    const freed = freePids.length > 2 ? freePids.shift() : undefined;
    if (freed !== undefined) return freed;
    lastPid += 1;
    return lastPid;
  }

  function fork(parent: Process, isShared = false): void {
    const child: Process = {
      pid: newPid(),
      comm: parent.comm,
      fds: isShared ? parent.fds : new Map(parent.fds),
    };
    processes.push(child);
    emit(parent, 'task.forked', { child: child.pid, flags: isShared ? CLONE_FILES : 0 });
    if (isShared) return;
    for (const file of child.fds.values()) {
      file.refs += 1;
      file.steps.add(`fork ${parent.pid} ${child.pid}`);
    }
  }

  /** A new program, with a table of its own, in which descriptors with odd numbers are closed. */
  function exec(process: Process): void {
    if (processes.some((other) => other !== process && other.fds === process.fds)) {
      process.fds = new Map(process.fds);
      for (const file of process.fds.values()) file.refs += 1;
    }
    process.comm = process.comm === 'main' ? 'other' : 'main';
    emit(process, 'task.executed');
    for (const [fd, file] of [...process.fds]) if (fd % 2 === 1) close(process, fd, file);
  }

  function exit(process: Process): void {
    processes.splice(processes.indexOf(process), 1);
    emit(process, 'task.exited');
    if (!processes.some((other) => other.fds === process.fds)) {
      for (const file of process.fds.values()) drop(process, file);
    }
    freePids.push(process.pid);
  }

  function send(process: Process, file: File): void {
    file.refs += 1;
    queue.push({ file, from: process.pid });
    emit(process, 'fd.sent', { ...file.columns, nth: 0, count: 1 });
  }

  function receive(process: Process, fd: number): void {
    const sent = queue.shift();
    if (sent === undefined) return;
    install(process, sent.file, fd, 1);
    sent.file.refs -= 1;
    sent.file.steps.add(`scm_rights ${sent.from} ${process.pid}`);
  }

  /** The oldest message goes without being received. */
  function discard(by: Process): void {
    const sent = queue.shift();
    if (sent === undefined) return;
    emit(by, 'fd.discarded', { ...sent.file.columns, nth: 0, count: 1 });
    drop(by, sent.file);
  }

  /** pidfd_getfd(2). */
  function steal(thief: Process, file: File, owner: Process, fd: number): void {
    install(thief, file, fd, 3);
    file.steps.add(`pidfd_getfd ${owner.pid} ${thief.pid}`);
  }

  /** Time goes by, and kworkers do what was put off. */
  function sleep(length: number): void {
    seconds += length;
    const due = later;
    later = [];
    for (const each of due) each();
  }

  return {
    events,
    processes,
    queue,
    leases,
    pins,
    hot,
    emit,
    heat,
    newPtr,
    freePtr,
    newFile,
    install,
    close,
    fork,
    exec,
    exit,
    send,
    receive,
    discard,
    steal,
    openFiles,
    sleep,
    now: () => seconds,
    /** Done by a kworker, later. */
    putOff: (work: (by: Who) => void) => {
      later.push(() => work(KWORKER));
    },
  };
}

function homeOf(kind: FileKind, object: number): { readonly dev: string; readonly ino: number } {
  switch (kind) {
    case 'pipe':
      return { dev: HOMES.pipe, ino: object };
    case 'ring':
      return { dev: HOMES.ring, ino: 41 };
    default:
      return { dev: HOMES.uverbs, ino: 410 };
  }
}
