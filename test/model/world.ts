/** Arbitrary things that happen in a small kernel, and who truly holds what in the end. */
import fc from 'fast-check';
import type { Event } from '../../src/event/event.ts';
import { DAX, EXT4, type Place, SHM } from './rows.ts';
import { bootKernel, type File, type Kernel, type Process } from './small-kernel.ts';

export const PLACES: readonly Place[] = [SHM, DAX, EXT4];

const ACTS = {
  fork: 2,
  exit: 1,
  lease: 2,
  unlock: 1,
  uverbs: 1,
  pipe: 1,
  register: 2,
  splice: 2,
  drain: 1,
  close: 2,
  dup: 1,
  dup2: 1,
  send: 2,
  receive: 2,
  truncate: 1,
} as const;

/** One thing to do; the numbers choose among what there is. */
export interface Act {
  readonly act: keyof typeof ACTS;
  readonly who: number;
  readonly what: number;
}

function isAct(name: string): name is Act['act'] {
  return name in ACTS;
}

const actName = fc.oneof(
  ...Object.entries(ACTS).map(([name, weight]) => ({
    weight,
    arbitrary: fc.constant(isAct(name) ? name : ('fork' as const)),
  })),
);

export const actsArbitrary: fc.Arbitrary<Act[]> = fc.array(
  fc.record({ act: actName, who: fc.nat(20), what: fc.nat(20) }),
  { minLength: 5, maxLength: 60 },
);

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
  /** What somebody saw who came late: a walk, and the events since. */
  readonly late: readonly Event[];
}

/** Lets the acts happen, one every 10 ms. `walkAfter`: so many acts before a walk looks. */
export function happen(acts: readonly Act[], walkAfter = 0): World {
  const kernel = bootKernel();
  let walked: readonly Event[] = [];
  let seen = 0;
  for (const [i, act] of acts.entries()) {
    kernel.sleep(0.01);
    if (i === walkAfter) {
      walked = kernel.walk();
      seen = kernel.events.length;
    }
    const process = kernel.processes[act.who % kernel.processes.length];
    if (process !== undefined) perform(kernel, process, act);
  }
  return {
    events: kernel.events,
    endS: kernel.now() + 1,
    late: [...walked, ...kernel.events.slice(seen)],
    holdersOf: (place) => trueHolders(kernel, place),
  };
}

function perform(kernel: Kernel, process: Process, { act, what }: Act): void {
  const place = PLACES[what % PLACES.length] ?? SHM;
  const choose = (kind: File['kind'] | null) => pick(process, what, kind);
  switch (act) {
    case 'fork':
      kernel.fork(process);
      return;
    case 'exit':
      if (kernel.processes.length > 1) kernel.exit(process);
      return;
    case 'lease':
      kernel.openLeased(process, place, freeFd(process));
      return;
    case 'unlock': {
      const lease = choose('regular')?.file.lease ?? null;
      if (lease !== null) kernel.endLease(process, lease, 1);
      return;
    }
    case 'uverbs':
      kernel.install(process, kernel.newFile('uverbs', null), freeFd(process), 0);
      return;
    case 'pipe': {
      const pipe = kernel.newPtr();
      for (let end = 0; end < 2; end++) {
        kernel.install(process, kernel.newFile('pipe', null, pipe), freeFd(process), 0);
      }
      return;
    }
    case 'register': {
      const device = choose('uverbs');
      if (device !== null) kernel.takePin(process, place, kernel.newPtr(), device.file.ptr, 4);
      return;
    }
    case 'splice': {
      const pipe = choose('pipe')?.file.object;
      if (pipe !== undefined) kernel.takePin(process, place, pipe, pipe, 2);
      return;
    }
    case 'drain': {
      const pipe = choose('pipe')?.file.object;
      if (pipe !== undefined) kernel.drain(process, pipe);
      return;
    }
    case 'close': {
      const own = choose(null);
      if (own !== null) kernel.close(process, own.fd, own.file);
      return;
    }
    case 'dup': {
      const own = choose(null);
      if (own !== null) kernel.install(process, own.file, freeFd(process), 0);
      return;
    }
    case 'dup2': {
      const own = choose(null);
      const onto = 3 + (what % 8);
      if (own !== null && process.fds.get(onto) !== own.file) kernel.install(process, own.file, onto, 2);
      return;
    }
    case 'send': {
      const own = choose(null);
      if (own !== null) kernel.send(process, own.file);
      return;
    }
    case 'receive':
      kernel.receive(process, freeFd(process));
      return;
    case 'truncate': {
      const { dev, ino, name } = place;
      kernel.emit(process, 'truncate.began', { dev, ino, from: 65536, to: 0, how: 1, name });
      kernel.emit(process, 'truncate.ended', { dev, ino, result: 0 });
    }
  }
}

function freeFd(process: Process): number {
  let fd = 3;
  while (process.fds.has(fd)) fd += 1;
  return fd;
}

function pick(
  process: Process,
  what: number,
  kind: File['kind'] | null,
): { readonly fd: number; readonly file: File } | null {
  const own = [...process.fds].filter(([, file]) => kind === null || file.kind === kind);
  const [fd, file] = own[what % Math.max(1, own.length)] ?? [];
  return fd === undefined || file === undefined ? null : { fd, file };
}

function trueHolders(kernel: Kernel, place: Place): TrueHolder[] {
  const leases = [...kernel.leases].filter((lease) => lease.place === place);
  const pins = [...kernel.pins].filter((pin) => pin.place === place);
  return [
    ...leases.map((lease) => trueHolder(kernel, 'lease', lease.taker, 0, (file) => file === lease.file)),
    ...pins.map(({ taker, pages, reach }) =>
      trueHolder(kernel, 'pin', taker, pages, (file) => file.ptr === reach || file.object === reach),
    ),
  ];
}

function trueHolder(
  { processes, queue }: Kernel,
  kind: TrueHolder['kind'],
  takenBy: number,
  pages: number,
  leads: (file: File) => boolean,
): TrueHolder {
  const heldBy = processes
    .map(({ pid, fds }) => ({ pid, fds: [...fds].filter(([, file]) => leads(file)).map(([fd]) => fd) }))
    .filter(({ fds }) => fds.length > 0)
    .map(({ pid, fds }) => ({ pid, fds: fds.sort((one, other) => one - other) }))
    .sort((one, other) => one.pid - other.pid);
  return { kind, takenBy, pages, heldBy, inFlight: queue.some(leads) };
}
