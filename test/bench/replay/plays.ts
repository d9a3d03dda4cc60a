/**
 * Rows of a long trace, made from the rows of real ones: the golden recordings are played again and again, side by
 * side, each time by other processes with other objects on one of a few hundred files. Times inside a play stay as
 * they were on the real kernel; rows come as bpftrace drains them, one CPU after the other.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parseRow } from '../../../src/event/row.ts';
import { COMMON, type ColumnType, ROW_KINDS, type RowKind, SCHEMA } from '../../../src/event/schema.ts';

const RECORDINGS = fileURLToPath(new URL('../../recordings/', import.meta.url));

/** Rows per second, as on a busy server through a night: ten million are two hours and three quarters. */
const ROWS_PER_S = 1000;
const FILES = 512;
/** Of so many plays one is in trouble; the others are what the probes see of programs that neither lease nor pin. */
const PLAYS_PER_TROUBLE = 16;
const ORDINARY = /^(?:task|fd|file|inode)\./;
const DRAIN_NS = 5_000_000;
const START_NS = 100e9;

/** What is shifted from play to play; everything else stays as it was. */
type Shift = 'ts' | 'born' | 'pid' | 'ptr' | 'ino';

/** One row of a story as text with holes: `texts[i]` comes before the value of `holes[i]`. */
interface Row {
  readonly kind: string;
  readonly afterNs: number;
  readonly cpu: number;
  readonly texts: readonly string[];
  readonly holes: readonly { readonly shift: Shift; readonly value: number }[];
}

type Story = readonly Row[];

/** Columns that hold a pid, beside those of every row. */
const PIDS: Readonly<Record<string, string>> = {
  'task.forked': 'child',
  'lease.changed': 'recorded',
  'lease.released': 'recorded',
  'lease.signalled': 'to',
};

function shiftOf(kind: string, name: string, type: ColumnType): Shift | null {
  if (name === 'ts') return 'ts';
  if (name === 'pid' || name === 'tid' || PIDS[kind] === name) return 'pid';
  return type === 'ptr' || type === 'ino' ? type : null;
}

function isKind(kind: unknown): kind is RowKind {
  return ROW_KINDS.some((each) => each === kind);
}

/** Rows of the tracer itself are made anew. */
const OWN_KINDS: readonly string[] = ['hello', 'beat', 'bye'];

type Tuple = readonly [RowKind, readonly unknown[]];

function readStory(path: string): Story {
  const tuples: Tuple[] = [];
  for (const line of gunzipSync(readFileSync(path)).toString().split('\n')) {
    const parsed = parseRow(line);
    if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) continue;
    const data: unknown = 'data' in parsed.value ? parsed.value.data : null;
    if (!Array.isArray(data) || !isKind(data[0]) || OWN_KINDS.includes(data[0])) continue;
    tuples.push([data[0], data]);
  }
  // Processes that are older than the story (the one that started it) live on, and start a play on their file again.
  const born = new Set(tuples.flatMap(([kind, data]) => (kind === 'task.forked' ? [data[CHILD_AT]] : [])));
  const rows = [...tuples, ...exitsAfter(tuples, born)].map(([kind, data]) => toRow(kind, data, born));
  const began = Math.min(...rows.map((row) => row.afterNs));
  return rows
    .map((row) => ({ ...row, afterNs: row.afterNs - began }))
    .sort((one, other) => one.afterNs - other.afterNs);
}

/** Where columns are, behind the kind: those of every row, and the child that a forked row names. */
const TS_AT = 1;
const PID_AT = 3;
const CHILD_AT = 6;

/** A process that outlived the recording exits at its end: in a night of plays such processes would pile up. */
function exitsAfter(tuples: readonly Tuple[], born: ReadonlySet<unknown>): readonly Tuple[] {
  const left = new Set(born);
  for (const [kind, data] of tuples) if (kind === 'task.exited') left.delete(data[PID_AT]);
  const end = Math.max(...tuples.map(([, data]) => Number(data[TS_AT])));
  return [...left].map((pid, nth) => ['task.exited', ['task.exited', end + nth + 1, 0, pid, pid, 'left', 0]]);
}

function toRow(kind: RowKind, data: readonly unknown[], born: ReadonlySet<unknown>): Row {
  const columns = Object.entries<ColumnType>({ ...COMMON, ...SCHEMA[kind] });
  const texts: string[] = [];
  const holes: { shift: Shift; value: number }[] = [];
  let text = `{"type": "value", "data": ["${kind}"`;
  for (const [index, [name, type]] of columns.entries()) {
    const value = data[index + 1];
    const shift = shiftOf(kind, name, type);
    text += ',';
    // Zero is no object, pids 0 and 2 (kthreadd) are there once.
    if (shift === null || typeof value !== 'number' || value <= (shift === 'pid' ? 2 : 0)) {
      text += JSON.stringify(value);
      continue;
    }
    texts.push(text);
    holes.push({ shift: shift === 'pid' && born.has(value) ? 'born' : shift, value });
    text = '';
  }
  texts.push(`${text}]}\n`);
  return { kind, afterNs: Number(data[1]), cpu: Number(data[2]), texts, holes };
}

/** Numbers of one story stay below these. */
const PIDS_PER_PLAY = 512;
const PTRS_PER_PLAY = 128;
const INOS_PER_FILE = 1e6;

function writeRow({ texts, holes, afterNs }: Row, play: number, startNs: number): string {
  let text = texts[0] ?? '';
  for (let at = 0; at < holes.length; at++) {
    const hole = holes[at];
    if (hole === undefined) break;
    text += shifted(hole.shift, hole.value, play, startNs + afterNs) + (texts[at + 1] ?? '');
  }
  return text;
}

function shifted(shift: Shift, value: number, play: number, ns: number): number {
  switch (shift) {
    case 'ts':
      return ns;
    case 'born':
      return value + (((FILES + play) * PIDS_PER_PLAY) % 4_000_000);
    case 'pid':
      return value + (play % FILES) * PIDS_PER_PLAY;
    case 'ptr':
      return value + play * PTRS_PER_PLAY;
    case 'ino':
      return value + (play % FILES) * INOS_PER_FILE;
  }
}

export interface Play {
  /** The first golden recording's own header line, with its newline. */
  readonly header: string;
  /** Lines of rows, in batches, `total` or a few more in all. */
  readonly batches: () => Generator<string[]>;
}

/** A trace of `total` rows. The same number gives the same rows. */
export function playRecordings(total: number): Play {
  const paths = readdirSync(RECORDINGS)
    .filter((file) => file.endsWith('.ndjson.gz'))
    .sort()
    .map((file) => `${RECORDINGS}${file}`);
  const troubles = paths.map(readStory);
  const ordinary = troubles.map((story) => story.filter((row) => ORDINARY.test(row.kind)));
  // A story is played in trouble once in so many of its plays.
  const stories = Array.from({ length: PLAYS_PER_TROUBLE }, (_, n) => (n === 0 ? troubles : ordinary)).flat();
  const [first = ''] = paths;
  const [header = ''] = gunzipSync(readFileSync(first)).toString().split('\n');
  return { header, batches: () => playRows(stories, total) };
}

interface Due {
  readonly kind: string;
  readonly cpu: number;
  readonly ts: number;
  readonly text: string;
}

function* playRows(stories: readonly Story[], total: number): Generator<string[]> {
  const rowsPerPlay = stories.reduce((sum, story) => sum + story.length, 0) / stories.length;
  const everyNs = (rowsPerPlay / ROWS_PER_S) * 1e9;
  /** Rows to come, by the drain that prints them. */
  const drains = new Map<number, Due[]>();
  const fired = new Map<string, number>();
  let written = 0;
  let play = 0;

  function own(kind: string, ns: number, more = ''): string {
    fired.set(kind, (fired.get(kind) ?? 0) + 1);
    written++;
    return `{"type": "value", "data": ["${kind}",${ns},0,255,255,"bpftrace"${more}]}\n`;
  }
  const counters = (): string =>
    `{"type": "map", "data": {"@fired": ${JSON.stringify(Object.fromEntries(fired)).replaceAll(/([:,])/g, '$1 ')}}}\n`;

  function start(): void {
    const story = stories[play % stories.length] ?? [];
    const startNs = START_NS + Math.round(play * everyNs);
    for (const row of story) {
      const ts = startNs + row.afterNs;
      const drain = Math.floor(ts / DRAIN_NS);
      const due = drains.get(drain) ?? [];
      drains.set(drain, due);
      due.push({ kind: row.kind, cpu: row.cpu, ts, text: writeRow(row, play, startNs) });
    }
    play++;
  }

  yield [own('hello', START_NS, ',1')];
  let batch: string[] = [];
  let drain = Math.floor(START_NS / DRAIN_NS);
  for (; written < total; drain++) {
    while (START_NS + play * everyNs < (drain + 1) * DRAIN_NS) start();
    const due = drains.get(drain) ?? [];
    drains.delete(drain);
    due.sort((one, other) => one.cpu - other.cpu || one.ts - other.ts);
    for (const { kind, text } of due) {
      fired.set(kind, (fired.get(kind) ?? 0) + 1);
      batch.push(text);
    }
    written += due.length;
    if ((drain * DRAIN_NS) % 1e9 === 0) batch.push(own('beat', drain * DRAIN_NS), counters());
    if (batch.length < 1000) continue;
    yield batch;
    batch = [];
  }
  yield [...batch, own('bye', drain * DRAIN_NS), counters()];
}
