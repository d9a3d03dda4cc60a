/** Arbitrary things that happen in a small kernel, and who truly holds what in the end. */
import fc from 'fast-check';
import type { Event, RowEvent } from '../../src/event/event.ts';
import { DAX, EXT4, type Place, SHM } from './rows.ts';
import type { File, FileKind, Process } from './small-kernel.ts';
import { createMemory, type Memory } from './small-memory.ts';

export const PLACES: readonly Place[] = [SHM, DAX, EXT4];

/** What may be done, and how often it is. */
const ACTS = {
  fork: 4,
  thread: 1,
  exec: 1,
  exit: 2,
  lease: 4,
  unlock: 2,
  break: 1,
  uverbs: 2,
  pipe: 2,
  ring: 2,
  register: 4,
  'register-two': 1,
  splice: 4,
  drain: 2,
  close: 4,
  dup: 2,
  dup2: 2,
  send: 4,
  receive: 4,
  discard: 1,
  steal: 1,
  truncate: 1,
  'truncate-slowly': 1,
  evict: 1,
} as const;

/** One thing to do; the numbers choose among what there is. */
export interface Act {
  readonly act: keyof typeof ACTS;
  readonly who: number;
  readonly what: number;
}

const actName = fc.oneof(
  ...Object.entries(ACTS).map(([name, weight]) => ({
    weight,
    arbitrary: fc.constant(name as Act['act']),
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
  /** The lease's type; of a pin, whether its pages were taken from the file. */
  readonly state: string;
}

export interface World {
  readonly events: readonly RowEvent[];
  readonly endS: number;
  readonly holdersOf: (place: Place) => readonly TrueHolder[];
  /** Each step of the files that hold something now: "259:0:131 scm_rights 100 101". */
  readonly steps: ReadonlySet<string>;
  /** What somebody saw who came late: a walk, and the events since. */
  readonly late: readonly Event[];
  /** The events since then alone. */
  readonly rest: readonly RowEvent[];
}

/** Lets the acts happen, one every 10 ms. `walkAfter`: so many acts before a walk looks. */
export function happen(acts: readonly Act[], walkAfter = 0): World {
  const memory = createMemory();
  let walked: readonly Event[] = [];
  let seen = 0;
  for (const [i, act] of acts.entries()) {
    memory.sleep(0.01);
    if (i === walkAfter) {
      walked = memory.walk();
      seen = memory.events.length;
    }
    const process = memory.processes[act.who % memory.processes.length];
    if (process !== undefined) perform(memory, process, act);
  }
  memory.sleep(0.01);
  const rest = memory.events.slice(seen);
  return {
    events: memory.events,
    endS: memory.now() + 1,
    late: [...walked, ...rest],
    rest,
    holdersOf: (place) => trueHolders(memory, place),
    steps: trueSteps(memory),
  };
}

function perform(memory: Memory, process: Process, { act, what }: Act): void {
  const place = PLACES[what % PLACES.length] ?? SHM;
  const choose = (kind: FileKind | null) => pick(process, what, kind);
  const own = choose(null);
  const pipe = choose('pipe')?.file.object;
  switch (act) {
    case 'fork':
    case 'thread':
      if (memory.processes.length < 12) memory.fork(process, act === 'thread');
      return;
    case 'exec':
      memory.exec(process);
      return;
    case 'exit':
      if (memory.processes.length > 1) memory.exit(process);
      return;
    case 'lease':
      memory.openLeased(process, place, freeFd(process));
      return;
    case 'unlock': {
      const lease = choose('regular')?.file.lease ?? null;
      if (lease !== null) memory.endLease(process, lease, 1);
      return;
    }
    case 'break':
      breakOne(memory, process, place, what);
      return;
    case 'uverbs':
      memory.install(process, memory.newFile('uverbs', null), freeFd(process), 0);
      return;
    case 'ring':
      memory.install(process, memory.newFile('ring', null, memory.newPtr()), freeFd(process), 0);
      return;
    case 'pipe': {
      const object = memory.newPtr();
      for (let end = 0; end < 2; end++) {
        memory.install(process, memory.newFile('pipe', null, object), freeFd(process), 0);
      }
      return;
    }
    case 'register':
    case 'register-two':
      register(memory, process, what, act === 'register' ? [place] : [SHM, DAX]);
      return;
    case 'splice':
      if (pipe !== undefined) {
        memory.takePin(process, [place], { object: pipe, reach: pipe, via: 'vmsplice' }, 2);
      }
      return;
    case 'drain':
      if (pipe !== undefined) memory.drain(process, pipe);
      return;
    case 'close':
      if (own !== null) memory.close(process, own.fd, own.file);
      return;
    case 'dup':
      if (own !== null) memory.install(process, own.file, freeFd(process), 0);
      return;
    case 'dup2': {
      const onto = 3 + (what % 8);
      if (own !== null && process.fds.get(onto) !== own.file) memory.install(process, own.file, onto, 2);
      return;
    }
    case 'send':
      if (own !== null) memory.send(process, own.file);
      return;
    case 'receive':
      memory.receive(process, freeFd(process));
      return;
    case 'discard':
      memory.discard(process);
      return;
    case 'steal': {
      const victim = memory.processes[what % memory.processes.length];
      const loot = victim === undefined ? null : pick(victim, what, null);
      if (victim === undefined || loot === null || victim.fds === process.fds) return;
      memory.steal(process, loot.file, victim, freeFd(process));
      return;
    }
    case 'truncate':
      memory.truncate(process, place);
      return;
    case 'truncate-slowly': {
      const reader = memory.processes[what % memory.processes.length];
      const drained = reader === undefined ? null : pick(reader, what, 'pipe');
      if (reader === undefined || drained === null || reader === process) return;
      memory.truncateSlowly(process, DAX, reader, drained.file.object);
      return;
    }
    case 'evict':
      memory.evict(process, place);
  }
}

function breakOne(memory: Memory, breaker: Process, place: Place, what: number): void {
  const [lease, ...others] = [...memory.leases].filter((each) => each.place === place);
  if (lease === undefined || others.length > 0 || breaker.pid === lease.taker) return;
  const answers =
    lease.type === 'write' ? (['unlock', 'downgrade', 'timeout'] as const) : (['unlock'] as const);
  memory.breakLease(breaker, lease, answers[what % answers.length] ?? 'unlock');
}

function register(memory: Memory, process: Process, what: number, places: readonly Place[]): void {
  const device = pick(process, what, what % 2 === 0 ? 'uverbs' : 'ring');
  if (device === null) return;
  const { kind, ptr, object: context } = device.file;
  const owner =
    kind === 'ring'
      ? ({ object: memory.newPtr(), reach: context, via: 'io_uring-buffer' } as const)
      : ({ object: memory.newPtr(), reach: ptr, via: 'rdma-mr' } as const);
  memory.takePin(process, places, owner, 4);
}

function freeFd(process: Process): number {
  let fd = 3;
  while (process.fds.has(fd)) fd += 1;
  return fd;
}

function pick(
  process: Process,
  what: number,
  kind: FileKind | null,
): { readonly fd: number; readonly file: File } | null {
  const own = [...process.fds].filter(([, file]) => kind === null || file.kind === kind);
  const [fd, file] = own[what % Math.max(1, own.length)] ?? [];
  return fd === undefined || file === undefined ? null : { fd, file };
}

function trueHolders(memory: Memory, place: Place): TrueHolder[] {
  const leases = [...memory.leases].filter((lease) => lease.place === place);
  const pins = [...memory.pins].filter((pin) => pin.place === place);
  return [
    ...leases.map(({ taker, file, type }) =>
      trueHolder(memory, { kind: 'lease', takenBy: taker, pages: 0, state: type }, (each) => each === file),
    ),
    ...pins.map(({ taker, pages, reach, isFreed }) =>
      trueHolder(
        memory,
        { kind: 'pin', takenBy: taker, pages, state: isFreed ? 'freed' : '' },
        (file) => file.ptr === reach || file.object === reach,
      ),
    ),
  ];
}

function trueHolder(
  { processes, queue }: Memory,
  what: Pick<TrueHolder, 'kind' | 'takenBy' | 'pages' | 'state'>,
  leads: (file: File) => boolean,
): TrueHolder {
  const heldBy = processes
    .map(({ pid, fds }) => ({ pid, fds: [...fds].filter(([, file]) => leads(file)).map(([fd]) => fd) }))
    .filter(({ fds }) => fds.length > 0)
    .map(({ pid, fds }) => ({ pid, fds: fds.sort((one, other) => one - other) }))
    .sort((one, other) => one.pid - other.pid);
  const { kind, takenBy, pages, state } = what;
  return { kind, takenBy, pages, heldBy, inFlight: queue.some(({ file }) => leads(file)), state };
}

function trueSteps(memory: Memory): ReadonlySet<string> {
  const steps = new Set<string>();
  for (const file of memory.openFiles()) {
    const places = [
      ...(file.lease === null ? [] : [file.lease.place]),
      ...[...memory.pins].flatMap((pin) =>
        pin.reach === file.ptr || pin.reach === file.object ? [pin.place] : [],
      ),
    ];
    for (const { dev, ino } of places) for (const step of file.steps) steps.add(`${dev}:${ino} ${step}`);
  }
  return steps;
}
