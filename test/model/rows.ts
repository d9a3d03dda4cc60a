/**
 * Short ways to write rows in tests: seconds instead of nanoseconds, and only the columns that matter to the case.
 */
import type { BootNs, Event, RowEvent } from '../../src/event/event.ts';
import type { Header } from '../../src/event/header.ts';
import type { ColumnType, RowKind } from '../../src/event/schema.ts';
import { SCHEMA } from '../../src/event/schema.ts';
import { applyEvent, createModel, type Model } from '../../src/model/model.ts';

export const header: Header = {
  whopins: 'header',
  format: 1,
  schema: 1,
  kernel: '6.12.107+deb13-amd64',
  bpftrace: 'v0.23.2',
  host: 'guest',
  clock: { boottime_ns: 0, realtime_ns: 1_700_000_000_000_000_000 },
  mounts: [
    { dev: '0:26', path: '/dev/shm', fs: 'tmpfs', root: '/' },
    { dev: '259:0', path: '/mnt/dax', fs: 'xfs', root: '/' },
    { dev: '254:1', path: '/mnt/ext4', fs: 'ext4', root: '/' },
  ],
  probes: [],
  left_out: [],
  pointers: 'renumbered',
  command: null,
};

/** A file of a story: its numbers, and its name at the root of its file system. */
export interface Place {
  readonly dev: string;
  readonly ino: number;
  readonly name: string;
  readonly fs: string;
}

export const SHM: Place = { dev: '0:26', ino: 2, name: 'data', fs: 'tmpfs' };
export const DAX: Place = { dev: '259:0', ino: 131, name: 'handed-over', fs: 'xfs' };
export const EXT4: Place = { dev: '254:1', ino: 14, name: 'lease-break', fs: 'ext4' };

/** Where pipes live, and the uverbs device. */
const PIPEFS = { dev: '0:14', ino: 900 };
const DEVTMPFS = { dev: '0:5', ino: 410 };

type Loose = Readonly<Record<string, number | string>>;

const EMPTY: Readonly<Record<ColumnType, number | string>> = { int: 0, ptr: 0, dev: '0:0', ino: 0, str: '' };

export interface Who {
  readonly pid: number;
  readonly comm: string;
  readonly tid?: number;
}

export function who(pid: number, comm: string): Who {
  return { pid, comm };
}

/** One row at `s` seconds; columns that are not given are 0 or ''. */
export function row(s: number, by: Who, kind: RowKind, columns: Loose = {}): RowEvent {
  const event: Record<string, number | string> = {
    kind,
    ts: Math.round(s * 1e9),
    cpu: 0,
    pid: by.pid,
    tid: by.tid ?? by.pid,
    comm: by.comm,
  };
  const layout: Readonly<Record<string, ColumnType>> = SCHEMA[kind];
  for (const [name, type] of Object.entries(layout)) event[name] = columns[name] ?? EMPTY[type];
  for (const name of Object.keys(columns)) {
    if (!(name in layout)) throw new Error(`row ${kind} has no column ${name}`);
  }
  return event as unknown as RowEvent;
}

const TRACER = who(1, 'bpftrace');

export function hello(s = 0): RowEvent {
  return row(s, TRACER, 'hello', { schema: 1 });
}

export function bye(s: number): RowEvent {
  return row(s, TRACER, 'bye');
}

export function fired(s: number, counts: Readonly<Record<string, number>>, final = false): Event {
  return { kind: 'stream.fired', ts: (s * 1e9) as BootNs, counts: new Map(Object.entries(counts)), final };
}

export function lost(s: number, rows: number): Event {
  return { kind: 'stream.lost', ts: (s * 1e9) as BootNs, rows };
}

/** The final counters that agree with these rows, with `extra` rows fired but not seen. */
export function settled(
  s: number,
  rows: readonly Event[],
  extra: Readonly<Record<string, number>> = {},
): Event {
  const counts: Record<string, number> = { ...extra };
  for (const { kind } of rows) if (!kind.startsWith('stream.')) counts[kind] = (counts[kind] ?? 0) + 1;
  return fired(s, counts, true);
}

/** The names of a file, from itself up to its root. */
export function named(s: number, by: Who, place: Place): RowEvent[] {
  const { dev, ino, name, fs } = place;
  return [name, '/'].map((each, depth) =>
    row(s, by, 'inode.named', { inode: 5000 + ino, dev, ino, depth, name: each, fs }),
  );
}

/** The columns of an open file. */
export function regular(place: Place, file: number): Loose {
  return { file, dev: place.dev, ino: place.ino, mode: 0o100644, object: 0 };
}

export function pipeEnd(file: number, pipe: number): Loose {
  return { file, ...PIPEFS, mode: 0o10600, object: pipe };
}

export function uverbs(file: number, object = file + 1): Loose {
  return { file, ...DEVTMPFS, mode: 0o20666, object };
}

export function at(place: Place): Loose {
  return { dev: place.dev, ino: place.ino };
}

/** Runs events through a fresh model. */
export function play(events: readonly Event[], withHeader: Header = header): Model {
  const model = createModel(withHeader);
  for (const event of events) applyEvent(model, event);
  return model;
}
