/**
 * From bpftrace's JSON rows to events, by the table in schema.ts.
 *
 * Total: whatever comes in, an event, an undecodable-row event or nothing comes out, and the rows around it are not
 * touched. Shapes other than tuples are those of bpftrace's src/output/json.cpp, 0.17 to 0.27.
 */
import { readInt } from './column.ts';
import type { BootNs, Event, RowEvent, StreamEvent } from './event.ts';
import { parseRow } from './row.ts';
import { createRowScanner } from './scan.ts';
import { ROW_KINDS } from './schema.ts';
import { compileTuple, type TupleLayout } from './tuple-reader.ts';

export interface Decoder {
  /** Decodes one parsed row; null for rows that say nothing about the traced system (`attached_probes`, …). */
  readonly decode: (row: unknown) => Event | null;
  /** The same from the row's text, which lies in `bytes` from `start` up to `end`. */
  readonly decodeBytes: (bytes: Buffer, start: number, end: number) => Event | null;
  /** The event for a row that could not even be parsed. */
  readonly undecodable: (why: string) => StreamEvent;
  /** The event for a stream that ended before its `bye`; null where the `bye` was seen. */
  readonly finish: (why: string) => StreamEvent | null;
  readonly save: () => DecoderState;
}

/** What a decoder remembers of the rows before. */
export interface DecoderState {
  /** The last row's time. */
  readonly ts: BootNs;
  readonly byeSeen: boolean;
}

/** Row tags are looked up in a Map: a hostile `__proto__` is just an unknown kind. */
const LAYOUTS: ReadonlyMap<string, TupleLayout> = new Map(
  ROW_KINDS.map((kind) => [kind, compileTuple(kind)]),
);

/** Creates a decoder for one stream, new or as it was saved. */
export function createDecoder(saved: DecoderState | null = null): Decoder {
  const scanner = createRowScanner();
  let ts = saved?.ts ?? (0 as BootNs);
  let byeSeen = saved?.byeSeen ?? false;

  function undecodable(why: string): StreamEvent {
    return { kind: 'stream.bad', ts, why };
  }

  function decodeTuple(data: unknown): Event {
    const event = readTuple(data);
    return typeof event === 'string' ? undecodable(event) : note(event);
  }

  function note(event: RowEvent): RowEvent {
    ts = event.ts;
    if (event.kind === 'bye') byeSeen = true;
    return event;
  }

  function decodeBytes(bytes: Buffer, start: number, end: number): Event | null {
    const event = scanner.scan(bytes, start, end);
    if (event !== null) return note(event);
    const row = parseRow(bytes.toString('utf8', start, end));
    return row.ok ? decode(row.value) : undecodable(row.error);
  }

  function decode(row: unknown): Event | null {
    if (!isRecord(row)) return undecodable('row is not an object');
    switch (row.type) {
      case 'value':
        return decodeTuple(row.data);
      case 'map':
        return decodeCounters(row.data);
      case 'lost_events':
        return decodeLoss(row);
      default:
        return typeof row.type === 'string' ? null : undecodable('row has no type');
    }
  }

  function decodeCounters(data: unknown): Event | null {
    if (!isRecord(data)) return undecodable('map row has no data');
    if (!('@fired' in data)) return null;
    const counts = readCounts(data['@fired']);
    return counts === null
      ? undecodable('@fired holds something else than counts')
      : { kind: 'stream.fired', ts, counts, final: byeSeen };
  }

  function decodeLoss(row: Readonly<Record<string, unknown>>): Event {
    const data = isRecord(row.data) ? row.data : row;
    const rows = readInt(data.events ?? data.count);
    return rows === undefined || rows < 0
      ? undecodable('lost_events row has no count')
      : { kind: 'stream.lost', ts, rows };
  }

  const finish = (why: string): StreamEvent | null => (byeSeen ? null : { kind: 'stream.cut', ts, why });
  return { decode, decodeBytes, undecodable, finish, save: () => ({ ts, byeSeen }) };
}

/** Reads one tuple; text says what is wrong with it. */
function readTuple(data: unknown): RowEvent | string {
  if (!Array.isArray(data)) return 'value row is not a tuple';
  const kind: unknown = data[0];
  const layout = typeof kind === 'string' ? LAYOUTS.get(kind) : undefined;
  if (layout === undefined) return `unknown row kind ${JSON.stringify(kind)?.slice(0, 60)}`;
  if (data.length < layout.shortest) {
    return `${kind} row has ${data.length - 1} columns, ${layout.whole - 1} expected`;
  }
  const event = layout.read(data);
  return typeof event === 'string' ? `${kind} row: column ${event} is not readable` : event;
}

/** Of a kind that several programs fire there is a counter for each (`fd.closed`, `fd.closed#2`: src/capture/compose.ts). */
function readCounts(value: unknown): ReadonlyMap<string, number> | null {
  if (!isRecord(value)) return null;
  const counts = new Map<string, number>();
  for (const [name, text] of Object.entries(value)) {
    const count = readInt(text);
    if (count === undefined || count < 0) return null;
    const kind = name.replace(/#\d+$/, '');
    counts.set(kind, (counts.get(kind) ?? 0) + count);
  }
  return counts;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
