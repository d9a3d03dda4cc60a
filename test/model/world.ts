/**
 * A small kernel: processes, descriptor tables, pipes, uverbs files, leases, pins and socket queues, that does what it
 * is told and prints the rows that the probes would print. Its own state is the truth that the model is compared with.
 */
import fc from 'fast-check';
import type { Event, RowEvent } from '../../src/event/event.ts';
import { DAX, EXT4, hello, named, type Place, row, SHM, type Who } from './rows.ts';
import { LEASE } from './stories.ts';

const PLACES: readonly Place[] = [SHM, DAX, EXT4];
const ACTS = [
  'fork',
  'fork',
  'exit',
  'lease',
  'lease',
  'unlock',
  'uverbs',
  'pipe',
  'register',
  'register',
  'splice',
  'splice',
  'drain',
  'close',
  'close',
  'dup',
  'dup2',
  'send',
  'send',
  'receive',
  'receive',
  'truncate',
] as const;

/** One thing to do; the numbers choose among what there is. */
export interface Act {
  readonly act: (typeof ACTS)[number];
  readonly who: number;
  readonly what: number;
}

export const actsArbitrary: fc.Arbitrary<Act[]> = fc.array(
  fc.record({ act: fc.constantFrom(...ACTS), who: fc.nat(20), what: fc.nat(20) }),
  { minLength: 5, maxLength: 60 },
);

interface File {
  readonly ptr: number;
  readonly columns: Readonly<Record<string, number | string>>;
  readonly kind: 'regular' | 'uverbs' | 'pipe';
  readonly object: number;
  refs: number;
  lease: Lease | null;
}

interface Lease {
  readonly taker: number;
  readonly place: Place;
  readonly file: File;
}

interface Pin {
  readonly taker: number;
  readonly place: Place;
  readonly object: number;
  readonly reach: number;
  pages: number;
}

interface Process extends Who {
  readonly fds: Map<number, File>;
}

/** What truly holds: comparable with what an answer says. */
export interface TrueHolder {
  readonly kind: 'lease' | 'pin';
  readonly takenBy: number;
  readonly pages: number;
  readonly heldBy: readonly { readonly pid: number; readonly fds: readonly number[] }[];
  readonly inFlight: boolean;
}

export interface World {
  readonly events: readonly Event[];
  readonly endS: number;
  readonly holdersOf: (place: Place) => readonly TrueHolder[];
}

/** Lets the acts happen, one every 10 ms. */
export function happen(acts: readonly Act[]): World {
  const events: RowEvent[] = [hello()];
  const processes: Process[] = [{ pid: 100, comm: 'main', fds: new Map() }];
  const queue: { readonly file: File; readonly from: Process }[] = [];
  const leases = new Set<Lease>();
  const pins = new Set<Pin>();
  const hot = new Set<Place>();
  let s = 1;
  let nextPid = 101;
  let nextPtr = 1000;

  function emit(
    by: Who,
    kind: RowEvent['kind'],
    columns: Readonly<Record<string, number | string>> = {},
  ): void {
    s += 1e-5;
    events.push(row(s, by, kind, columns));
  }

  function heat(by: Who, place: Place): void {
    if (hot.has(place)) return;
    hot.add(place);
    events.push(...named(s, by, place));
  }

  function newFile(kind: File['kind'], place: Place | null, object = 0): File {
    nextPtr += 2;
    const inode = place ?? { dev: kind === 'pipe' ? '0:14' : '0:5', ino: kind === 'pipe' ? object : 410 };
    const columns = { file: nextPtr, dev: inode.dev, ino: inode.ino, mode: 0, object };
    return { ptr: nextPtr, columns, kind, object, refs: 0, lease: null };
  }

  function freeFd(process: Process): number {
    let fd = 3;
    while (process.fds.has(fd)) fd += 1;
    return fd;
  }

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

  function drop(by: Who, file: File): void {
    file.refs -= 1;
    if (file.refs > 0) return;
    emit(by, 'file.finalClosed', file.columns);
    if (file.lease !== null) endLease(by, file.lease, 2);
    const isLast = ![...openFiles()].some((other) => other.object === file.object && file.object !== 0);
    for (const pin of [...pins]) {
      const isIts = pin.reach === file.ptr || (pin.reach === file.object && isLast);
      if (!isIts) continue;
      pins.delete(pin);
      emit(by, 'pin.dropped', { object: pin.object, pages: pin.pages, left: 0, via: viaOf(pin) });
    }
  }

  function* openFiles(): Generator<File> {
    for (const process of processes) yield* process.fds.values();
    for (const { file } of queue) yield file;
  }

  function endLease(by: Who, lease: Lease, cause: number): void {
    leases.delete(lease);
    lease.file.lease = null;
    const { file, dev, ino } = lease.file.columns;
    if (file === undefined || dev === undefined || ino === undefined) return;
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

  const viaOf = (pin: Pin) => (pin.reach === pin.object ? 'vmsplice' : 'rdma-mr');

  function pick(process: Process, what: number, kind: File['kind'] | null): [number, File] | undefined {
    const own = [...process.fds].filter(([, file]) => kind === null || file.kind === kind);
    return own[what % Math.max(1, own.length)];
  }

  function take(process: Process, place: Place, object: number, reach: number, pages: number): void {
    heat(process, place);
    const { dev, ino } = place;
    const same = [...pins].find(
      (pin) => pin.object === object && pin.place === place && pin.taker === process.pid,
    );
    if (same === undefined) pins.add({ taker: process.pid, place, object, reach, pages });
    else same.pages += pages;
    const via = object === reach ? 'vmsplice' : 'rdma-mr';
    emit(process, 'pin.taken', {
      object,
      reach,
      dev,
      ino,
      page: nextPtr,
      pages,
      bytes: pages * 4096,
      longterm: via === 'vmsplice' ? 0 : 1,
      via,
    });
  }

  function act({ act: name, who, what }: Act): void {
    const process = processes[who % processes.length];
    if (process === undefined) return;
    const place = PLACES[what % PLACES.length] ?? SHM;
    switch (name) {
      case 'fork': {
        const child: Process = { pid: nextPid, comm: 'main', fds: new Map(process.fds) };
        nextPid += 1;
        for (const file of child.fds.values()) file.refs += 1;
        processes.push(child);
        emit(process, 'task.forked', { child: child.pid });
        return;
      }
      case 'exit': {
        if (processes.length === 1) return;
        processes.splice(processes.indexOf(process), 1);
        emit(process, 'task.exited');
        for (const file of process.fds.values()) drop(process, file);
        process.fds.clear();
        return;
      }
      case 'lease': {
        const file = newFile('regular', place);
        const fd = freeFd(process);
        install(process, file, fd, 0, !hot.has(place));
        heat(process, place);
        const lease: Lease = { taker: process.pid, place, file };
        file.lease = lease;
        leases.add(lease);
        const { dev, ino } = place;
        emit(process, 'lease.added', {
          file: file.ptr,
          owner: file.ptr,
          dev,
          ino,
          flags: LEASE,
          type: 1,
          fd,
        });
        return;
      }
      case 'unlock': {
        const [, file] = pick(process, what, 'regular') ?? [];
        if (file?.lease != null) endLease(process, file.lease, 1);
        return;
      }
      case 'uverbs':
        install(process, newFile('uverbs', null), freeFd(process), 0);
        return;
      case 'pipe': {
        nextPtr += 1;
        const pipe = nextPtr;
        install(process, newFile('pipe', null, pipe), freeFd(process), 0);
        install(process, newFile('pipe', null, pipe), freeFd(process), 0);
        return;
      }
      case 'register': {
        const [, file] = pick(process, what, 'uverbs') ?? [];
        if (file === undefined) return;
        nextPtr += 1;
        take(process, place, nextPtr, file.ptr, 4);
        return;
      }
      case 'splice': {
        const [, file] = pick(process, what, 'pipe') ?? [];
        if (file !== undefined) take(process, place, file.object, file.object, 2);
        return;
      }
      case 'drain': {
        const [, file] = pick(process, what, 'pipe') ?? [];
        if (file === undefined) return;
        const own = [...pins].filter((pin) => pin.object === file.object);
        let left = own.reduce((sum, pin) => sum + pin.pages, 0);
        for (const pin of own) pins.delete(pin);
        while (left > 0) {
          left -= 1;
          emit(process, 'pin.dropped', { object: file.object, page: 1, pages: 1, left, via: 'vmsplice' });
        }
        return;
      }
      case 'close': {
        const [fd, file] = pick(process, what, null) ?? [];
        if (fd === undefined || file === undefined) return;
        process.fds.delete(fd);
        emit(process, 'fd.closed', { ...file.columns, fd });
        drop(process, file);
        return;
      }
      case 'dup':
      case 'dup2': {
        const [fd, file] = pick(process, what, null) ?? [];
        if (fd === undefined || file === undefined) return;
        const onto = name === 'dup' ? freeFd(process) : 3 + (what % 8);
        if (onto !== fd && process.fds.get(onto) !== file)
          install(process, file, onto, name === 'dup' ? 0 : 2);
        return;
      }
      case 'send': {
        const [, file] = pick(process, what, null) ?? [];
        if (file === undefined) return;
        file.refs += 1;
        queue.push({ file, from: process });
        emit(process, 'fd.sent', { ...file.columns, nth: 0, count: 1 });
        return;
      }
      case 'receive': {
        const sent = queue.shift();
        if (sent === undefined) return;
        install(process, sent.file, freeFd(process), 1);
        sent.file.refs -= 1;
        return;
      }
      case 'truncate': {
        const { dev, ino } = place;
        emit(process, 'truncate.began', { dev, ino, from: 65536, to: 0, how: 1, name: place.name });
        emit(process, 'truncate.ended', { dev, ino, result: 0 });
      }
    }
  }

  for (const each of acts) {
    s += 0.01;
    act(each);
  }

  function holders(leads: (file: File) => boolean): TrueHolder['heldBy'] {
    return processes
      .map(({ pid, fds }) => ({ pid, fds: [...fds].filter(([, file]) => leads(file)).map(([fd]) => fd) }))
      .filter(({ fds }) => fds.length > 0)
      .map(({ pid, fds }) => ({ pid, fds: fds.sort((one, other) => one - other) }))
      .sort((one, other) => one.pid - other.pid);
  }

  function trueHolder(
    kind: TrueHolder['kind'],
    takenBy: number,
    pages: number,
    leads: (file: File) => boolean,
  ) {
    return { kind, takenBy, pages, heldBy: holders(leads), inFlight: queue.some(({ file }) => leads(file)) };
  }

  function holdersOf(place: Place): TrueHolder[] {
    const ofLeases = [...leases]
      .filter((lease) => lease.place === place)
      .map((lease) => trueHolder('lease', lease.taker, 0, (file) => file === lease.file));
    const ofPins = [...pins]
      .filter((pin) => pin.place === place)
      .map((pin) =>
        trueHolder(
          'pin',
          pin.taker,
          pin.pages,
          (file) => file.ptr === pin.reach || file.object === pin.reach,
        ),
      );
    return [...ofLeases, ...ofPins];
  }

  return { events, endS: s + 1, holdersOf };
}

export { PLACES };
