/** Leases and pins of the small kernel: how they are taken, broken and let go, and the calls that meet them. */
import { type Place, row, type Who } from './rows.ts';
import { bootKernel, type File, type Kernel, type Process } from './small-kernel.ts';
import { LEASE } from './stories.ts';

export interface Lease {
  readonly taker: number;
  readonly place: Place;
  readonly file: File;
  readonly fd: number;
  type: 'read' | 'write';
}

export type Via = 'vmsplice' | 'rdma-mr' | 'io_uring-buffer';

export interface Pin {
  readonly taker: number;
  readonly place: Place;
  readonly via: Via;
  readonly object: number;
  readonly reach: number;
  pages: number;
  isFreed: boolean;
  /** The first page and its place in the file, of each part that was pinned. */
  readonly runs: { readonly page: number; readonly pages: number }[];
}

export type Memory = ReturnType<typeof createMemory>;

/** A kernel, and what is done to the files in it. */
export function createMemory() {
  const kernel: Kernel = bootKernel(endWith);
  const { emit, heat, pins, leases } = kernel;
  let lastPage = 1_000_000;

  /** What goes with the last reference to an open file: its lease, and the pins behind it. */
  function endWith(by: Who, file: File): void {
    if (file.lease !== null) endLease(by, file.lease, 2);
    const isLast = file.object === 0 || !kernel.openFiles().some((other) => other.object === file.object);
    const behind = [...pins].filter(
      (pin) => pin.reach === file.ptr || (isLast && file.object !== 0 && pin.reach === file.object),
    );
    const objects = new Set(behind.map((pin) => pin.object));
    const letGo = (who: Who) => {
      for (const object of objects) release(who, object);
    };
    if (file.kind === 'ring') kernel.putOff(letGo);
    else letGo(by);
  }

  function openLeased(process: Process, place: Place, fd: number): void {
    const file = kernel.newFile('regular', place);
    kernel.install(process, file, fd, 0, !kernel.hot.has(place));
    heat(process, place);
    file.lease = { taker: process.pid, place, file, fd, type: 'write' };
    leases.add(file.lease);
    const { dev, ino } = place;
    emit(process, 'lease.added', { file: file.ptr, owner: file.ptr, dev, ino, flags: LEASE, type: 1, fd });
  }

  function leaseColumns({ place, file, taker, type }: Lease) {
    const { dev, ino } = place;
    const common = { lease: 9, file: file.ptr, owner: file.ptr, dev, ino, flags: LEASE };
    return { ...common, type: type === 'read' ? 0 : 1, recorded: taker };
  }

  function endLease(by: Who, lease: Lease, cause: number): void {
    leases.delete(lease);
    lease.file.lease = null;
    emit(by, 'lease.released', { ...leaseColumns(lease), cause });
  }

  /** Somebody opens the file: the holder gives its lease up, or makes it a read lease, or the kernel takes it. */
  function breakLease(by: Process, lease: Lease, answer: 'unlock' | 'downgrade' | 'timeout'): void {
    const { dev, ino } = lease.place;
    const holder = kernel.processes.find(({ fds }) => [...fds.values()].includes(lease.file));
    emit(by, 'break.requested', { dev, ino, mode: answer === 'downgrade' ? 0 : 1, type: LEASE });
    emit(by, 'break.blocked', { dev, ino, flags: LEASE, type: answer === 'downgrade' ? 0 : 1 });
    emit(by, 'lease.signalled', {
      file: lease.file.ptr,
      dev,
      ino,
      fd: lease.fd,
      to: lease.taker,
      signal: 29,
    });
    kernel.sleep(0.3);
    if (holder === undefined || answer === 'timeout') endLease(by, lease, 3);
    else if (answer === 'unlock') endLease(holder, lease, 1);
    else {
      emit(holder, 'lease.changed', { ...leaseColumns(lease), to: 0 });
      lease.type = 'read';
    }
    emit(by, 'break.ended', { dev, ino, result: 0 });
    emit(by, 'open.ended', { result: 7 });
  }

  /** Pins pages of files for one owner object; those that one process puts into one pipe add up. */
  function takePin(process: Process, places: readonly Place[], owner: Owner, pages: number): void {
    for (const place of places) {
      heat(process, place);
      lastPage += 100;
      const page = lastPage;
      const { object, reach, via } = owner;
      const same = [...pins].find(
        (pin) => pin.object === object && pin.place === place && pin.taker === process.pid,
      );
      const pin = { taker: process.pid, place, via, object, reach, pages, isFreed: false };
      if (same === undefined || via !== 'vmsplice') pins.add({ ...pin, runs: [{ page, pages }] });
      else {
        same.pages += pages;
        same.runs.push({ page, pages });
      }
      const { dev, ino } = place;
      const longterm = via === 'vmsplice' ? 0 : 1;
      const columns = {
        object,
        reach,
        dev,
        ino,
        page,
        index: page,
        pages,
        bytes: pages * 4096,
        longterm,
        via,
      };
      emit(process, 'pin.taken', columns);
    }
  }

  /** All pages of an owner object go. */
  function release(by: Who, object: number): void {
    const own = [...pins].filter((pin) => pin.object === object);
    const [first] = own;
    if (first === undefined) return;
    for (const pin of own) pins.delete(pin);
    const pages = own.reduce((sum, pin) => sum + pin.pages, 0);
    emit(by, 'pin.dropped', { object, pages, left: 0, via: first.via });
    if (first.via !== 'vmsplice') kernel.freePtr(object);
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

  /** A truncate that waits for nobody: the pages go from the file under their pins. */
  function truncate(by: Process, place: Place): void {
    const { dev, ino, name } = place;
    emit(by, 'truncate.began', { dev, ino, from: 65536, to: 0, how: 1, name });
    emit(by, 'truncate.ended', { dev, ino, result: 0 });
    for (const pin of pins) if (pin.place === place) pin.isFreed = true;
  }

  /** A truncate that waits until the pipe that holds all the file's pinned pages is read empty: it would outlast no other. */
  function truncateSlowly(by: Process, place: Place, reader: Process, pipe: number): void {
    const { dev, ino, name } = place;
    const own = [...pins].filter((pin) => pin.place === place);
    const page = own[0]?.runs[0]?.page;
    if (page === undefined || own.some((pin) => pin.object !== pipe)) return;
    emit(by, 'truncate.began', { dev, ino, from: 65536, to: 0, how: 1, name });
    emit(by, 'wait.began', { dev, ino, page, on: 'dax-page' });
    kernel.sleep(0.2);
    drain(reader, pipe);
    emit(by, 'wait.ended', { dev, ino });
    emit(by, 'truncate.ended', { dev, ino, result: 0 });
  }

  /** The last link of a file that nobody has open any more went; its number is another file's soon. */
  function evict(by: Process, place: Place): void {
    const isUsed =
      [...leases].some((lease) => lease.place === place) ||
      [...pins].some((pin) => pin.place === place) ||
      kernel.openFiles().some(({ columns }) => columns.dev === place.dev && columns.ino === place.ino);
    if (isUsed || !kernel.hot.has(place)) return;
    emit(by, 'inode.evicted', { dev: place.dev, ino: place.ino });
    kernel.hot.delete(place);
  }

  return {
    ...kernel,
    openLeased,
    endLease,
    breakLease,
    takePin,
    drain,
    truncate,
    truncateSlowly,
    evict,
    walk: () => walkOver(kernel),
  };
}

interface Owner {
  readonly object: number;
  readonly reach: number;
  readonly via: Via;
}

/** The socket in whose queue everything waits that was sent. */
const QUEUE = 500;

/** What a walk over all this finds. */
function walkOver({ processes, queue, leases, pins, now }: Kernel) {
  const nobody = { pid: 0, comm: '' };
  const find = (by: Who, kind: Parameters<typeof row>[2], columns: Parameters<typeof row>[3] = {}) =>
    row(now(), by, kind, columns);
  const rows = [find(nobody, 'walk.began')];
  for (const process of processes) {
    for (const [fd, file] of process.fds) rows.push(find(process, 'walk.held', { ...file.columns, fd }));
  }
  for (const { file } of queue)
    rows.push(find(nobody, 'walk.kept', { ...file.columns, keeper: QUEUE, how: 1 }));
  for (const { taker, place, file, type } of leases) {
    const { dev, ino } = place;
    const columns = {
      file: file.ptr,
      owner: file.ptr,
      dev,
      ino,
      flags: LEASE,
      type: type === 'read' ? 0 : 1,
      recorded: taker,
      left: -1,
    };
    const comm = processes.find(({ pid }) => pid === taker)?.comm ?? '';
    rows.push(find({ pid: taker, comm }, 'walk.leased', columns));
  }
  for (const { place, object, reach, runs, via } of pins) {
    for (const { page, pages } of runs) {
      const { dev, ino } = place;
      rows.push(find(nobody, 'walk.pinned', { object, reach, dev, ino, page, index: page, pages, via }));
    }
  }
  const count = { acquired: -1, released: -1, rows: rows.length + 1 };
  return [...rows, find(nobody, 'walk.ended', count)];
}
