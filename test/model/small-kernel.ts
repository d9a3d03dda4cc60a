/**
 * A small kernel: processes, descriptor tables, pipes, uverbs files, leases, pins and socket queues. It counts references
 * and prints the rows that the probes would print; its own state is the truth that the model is compared with.
 */
import type { RowEvent } from '../../src/event/event.ts';
import { hello, named, type Place, row, type Who } from './rows.ts';
import { LEASE } from './stories.ts';

type Columns = Readonly<Record<string, number | string>>;

export interface File {
  readonly ptr: number;
  readonly columns: Columns;
  readonly kind: 'regular' | 'uverbs' | 'pipe';
  /** Its private_data: the pipe. */
  readonly object: number;
  refs: number;
  lease: Lease | null;
}

export interface Lease {
  readonly taker: number;
  readonly place: Place;
  readonly file: File;
}

export interface Pin {
  readonly taker: number;
  readonly place: Place;
  readonly object: number;
  readonly reach: number;
  pages: number;
  /** The first page and its place in the file, of each part that was pinned. */
  readonly runs: { readonly page: number; readonly pages: number }[];
}

export interface Process extends Who {
  readonly fds: Map<number, File>;
}

export type Kernel = ReturnType<typeof bootKernel>;

/** The socket in whose queue everything waits that was sent. */
const QUEUE = 500;

/** A kernel with one process, pid 100. */
export function bootKernel() {
  const events: RowEvent[] = [hello()];
  const processes: Process[] = [{ pid: 100, comm: 'main', fds: new Map() }];
  const queue: File[] = [];
  const leases = new Set<Lease>();
  const pins = new Set<Pin>();
  const hot = new Set<Place>();
  let seconds = 1;
  let lastPtr = 1000;
  let lastPid = 100;

  function emit(by: Who, kind: RowEvent['kind'], columns: Columns = {}): void {
    seconds += 1e-5;
    events.push(row(seconds, by, kind, columns));
  }

  function newPtr(): number {
    lastPtr += 2;
    return lastPtr;
  }

  /** From its first lease or pin on a file is reported with its descriptors, and named once. */
  function heat(by: Who, place: Place): void {
    if (!hot.has(place)) events.push(...named(seconds, by, place));
    hot.add(place);
  }

  function newFile(kind: File['kind'], place: Place | null, object = 0): File {
    const ptr = newPtr();
    const inode = place ?? { dev: kind === 'pipe' ? '0:14' : '0:5', ino: kind === 'pipe' ? object : 410 };
    const columns = { file: ptr, dev: inode.dev, ino: inode.ino, mode: 0, object };
    return { ptr, columns, kind, object, refs: 0, lease: null };
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

  /** Lets one reference go; with the last one the file's lease and the pins behind it end. */
  function drop(by: Who, file: File): void {
    file.refs -= 1;
    if (file.refs > 0) return;
    emit(by, 'file.finalClosed', file.columns);
    if (file.lease !== null) endLease(by, file.lease, 2);
    const isLastOfObject = file.object !== 0 && !openFiles().some((other) => other.object === file.object);
    for (const pin of [...pins]) {
      if (pin.reach === file.ptr || (isLastOfObject && pin.reach === file.object)) releasePin(by, pin);
    }
  }

  function openFiles(): File[] {
    return [...processes.flatMap((process) => [...process.fds.values()]), ...queue];
  }

  function fork(parent: Process): void {
    lastPid += 1;
    const child: Process = { pid: lastPid, comm: 'main', fds: new Map(parent.fds) };
    for (const file of child.fds.values()) file.refs += 1;
    processes.push(child);
    emit(parent, 'task.forked', { child: child.pid });
  }

  function exit(process: Process): void {
    processes.splice(processes.indexOf(process), 1);
    emit(process, 'task.exited');
    for (const file of process.fds.values()) drop(process, file);
    process.fds.clear();
  }

  /** Opens a file and takes a write lease on it. */
  function openLeased(process: Process, place: Place, fd: number): void {
    const file = newFile('regular', place);
    install(process, file, fd, 0, !hot.has(place));
    heat(process, place);
    file.lease = { taker: process.pid, place, file };
    leases.add(file.lease);
    const { dev, ino } = place;
    emit(process, 'lease.added', { file: file.ptr, owner: file.ptr, dev, ino, flags: LEASE, type: 1, fd });
  }

  function endLease(by: Who, lease: Lease, cause: number): void {
    leases.delete(lease);
    lease.file.lease = null;
    const { dev, ino } = lease.place;
    const file = lease.file.ptr;
    const recorded = lease.taker;
    emit(by, 'lease.released', {
      lease: 9,
      file,
      owner: file,
      dev,
      ino,
      flags: LEASE,
      type: 1,
      cause,
      recorded,
    });
  }

  /** Pins pages of a file; those that one process puts into one pipe add up. */
  function takePin(process: Process, place: Place, object: number, reach: number, pages: number): void {
    heat(process, place);
    const same = [...pins].find(
      (pin) => pin.object === object && pin.place === place && pin.taker === process.pid,
    );
    const page = newPtr();
    if (same === undefined)
      pins.add({ taker: process.pid, place, object, reach, pages, runs: [{ page, pages }] });
    else {
      same.pages += pages;
      same.runs.push({ page, pages });
    }
    const { dev, ino } = place;
    const via = object === reach ? 'vmsplice' : 'rdma-mr';
    const longterm = via === 'rdma-mr' ? 1 : 0;
    const bytes = pages * 4096;
    emit(process, 'pin.taken', { object, reach, dev, ino, page, index: page, pages, bytes, longterm, via });
  }

  function releasePin(by: Who, pin: Pin): void {
    pins.delete(pin);
    const via = pin.object === pin.reach ? 'vmsplice' : 'rdma-mr';
    emit(by, 'pin.dropped', { object: pin.object, pages: pin.pages, left: 0, via });
  }

  /** Reads a pipe empty: its pages go one by one. */
  function drain(by: Who, pipe: number): void {
    const own = [...pins].filter((pin) => pin.object === pipe);
    let left = own.reduce((sum, pin) => sum + pin.pages, 0);
    for (const pin of own) pins.delete(pin);
    while (left > 0) {
      left -= 1;
      emit(by, 'pin.dropped', { object: pipe, page: 1, pages: 1, left, via: 'vmsplice' });
    }
  }

  function send(process: Process, file: File): void {
    file.refs += 1;
    queue.push(file);
    emit(process, 'fd.sent', { ...file.columns, nth: 0, count: 1 });
  }

  function receive(process: Process, fd: number): void {
    const file = queue.shift();
    if (file === undefined) return;
    install(process, file, fd, 1);
    file.refs -= 1;
  }

  /** What a walk over all this finds. */
  function walk(): RowEvent[] {
    const nobody = { pid: 0, comm: '' };
    const rows = [row(seconds, nobody, 'walk.began')];
    for (const process of processes) {
      for (const [fd, file] of process.fds)
        rows.push(row(seconds, process, 'walk.held', { ...file.columns, fd }));
    }
    for (const file of queue) {
      rows.push(row(seconds, nobody, 'walk.kept', { ...file.columns, keeper: QUEUE, how: 1 }));
    }
    for (const { taker, place, file } of leases) {
      const columns = {
        file: file.ptr,
        owner: file.ptr,
        dev: place.dev,
        ino: place.ino,
        flags: LEASE,
        type: 1,
      };
      const comm = processes.find(({ pid }) => pid === taker)?.comm ?? '';
      rows.push(row(seconds, { pid: taker, comm }, 'walk.leased', { ...columns, recorded: taker, left: -1 }));
    }
    for (const { place, object, reach, runs } of pins) {
      const via = object === reach ? 'vmsplice' : 'rdma-mr';
      for (const { page, pages } of runs) {
        const found = { object, reach, dev: place.dev, ino: place.ino, page, index: page, pages, via };
        rows.push(row(seconds, nobody, 'walk.pinned', found));
      }
    }
    return [...rows, row(seconds, nobody, 'walk.ended', { acquired: -1, released: -1 })];
  }

  return {
    walk,
    events,
    processes,
    queue,
    leases,
    pins,
    emit,
    newPtr,
    newFile,
    install,
    close,
    fork,
    exit,
    openLeased,
    endLease,
    takePin,
    drain,
    send,
    receive,
    sleep: (length: number) => {
      seconds += length;
    },
    now: () => seconds,
  };
}
