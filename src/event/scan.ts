/**
 * Reads a row straight from its bytes, without JSON.parse: reports on recordings of millions of rows spend most of
 * their time here. Knows only the form in which bpftrace writes plain rows; anything else (escapes, bytes from 0x80 up,
 * integers beyond 2^53, more columns) is left to the slow way, and a test holds that both give the same event.
 */
import { readDev } from './column.ts';
import type { Dev, RowEvent } from './event.ts';
import { COMMON, type Columns, type ColumnType, ROW_KINDS, SCHEMA } from './schema.ts';

const PREFIX = Buffer.from('{"type": "value", "data": [');

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

/** Strings in rows repeat: names of kinds, processes, devices. A slot holds the last one of its hash. */
const TEXT_SLOTS = 4096;

type Column = readonly [name: string, type: ColumnType];

const LAYOUTS: ReadonlyMap<string, readonly Column[]> = new Map(
  ROW_KINDS.map((kind) => [kind, [...columnsOf(COMMON), ...columnsOf(SCHEMA[kind])]]),
);

function columnsOf(columns: Columns): readonly Column[] {
  return Object.entries(columns);
}

export interface RowScanner {
  /** The row that lies in `bytes` from `start` up to, not including, `end`; null where the slow way must look. */
  readonly scan: (bytes: Buffer, start: number, end: number) => RowEvent | null;
}

/** Creates a scanner; it remembers nothing but texts that it saw before. */
export function createRowScanner(): RowScanner {
  const texts: string[] = new Array(TEXT_SLOTS).fill('');
  const devices = new Map<number, Dev>();
  /** Where the last value ended: at the comma or bracket behind it. */
  let at = 0;

  /** Reads the string whose opening quote is at `at`. Plain printable ASCII only. */
  function readText(bytes: Buffer, end: number): string | null {
    if (bytes[at] !== QUOTE) return null;
    const start = at + 1;
    let hash = 0;
    for (at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) break;
      if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return null;
      hash = (hash * 31 + byte) | 0;
    }
    const text = remember(bytes, start, at, hash & (TEXT_SLOTS - 1));
    at++;
    return text;
  }

  function remember(bytes: Buffer, start: number, end: number, slot: number): string {
    const known = texts[slot] ?? '';
    if (known.length === end - start && isSame(known, bytes, start)) return known;
    const text = bytes.toString('latin1', start, end);
    texts[slot] = text;
    return text;
  }

  /** Reads an integer that a double holds; NaN for everything else. */
  function readNumber(bytes: Buffer, end: number): number {
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const start = at;
    let value = 0;
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte < ZERO || byte > NINE) break;
      value = value * 10 + (byte - ZERO);
    }
    const digits = at - start;
    const isOdd = digits === 0 || digits > 16 || value > Number.MAX_SAFE_INTEGER;
    // JSON has no leading zeros, and -0 is not 0.
    if (isOdd || (bytes[start] === ZERO && (digits > 1 || isNegative))) return Number.NaN;
    return isNegative ? -value : value;
  }

  function deviceOf(number: number): Dev | undefined {
    const known = devices.get(number);
    if (known !== undefined) return known;
    const device = readDev(number);
    if (device !== undefined && devices.size < TEXT_SLOTS) devices.set(number, device);
    return device;
  }

  /** Reads the value at `at` as the slow way's readers would; undefined where only they can. */
  function readValue(bytes: Buffer, end: number, name: string, type: ColumnType): unknown {
    if (type === 'str') return readText(bytes, end) ?? undefined;
    const number = readNumber(bytes, end);
    if (Number.isNaN(number)) return undefined;
    if (type === 'dev') return deviceOf(number);
    return number < 0 && (type === 'ino' || name === 'ts') ? undefined : number;
  }

  function scan(bytes: Buffer, start: number, end: number): RowEvent | null {
    for (at = start; at < start + PREFIX.length; at++) {
      if (bytes[at] !== PREFIX[at - start]) return null;
    }
    const kind = readText(bytes, end);
    const layout = kind === null ? undefined : LAYOUTS.get(kind);
    if (layout === undefined) return null;
    const event: Record<string, unknown> = { kind };
    for (const [name, type] of layout) {
      if (bytes[at] !== COMMA) return null;
      at++;
      const value = readValue(bytes, end, name, type);
      if (value === undefined) return null;
      event[name] = value;
    }
    if (bytes[at] !== CLOSE_BRACKET || bytes[at + 1] !== CLOSE_BRACE || at + 2 !== end) return null;
    // As in decode.ts: every column was read as its type.
    return event as unknown as RowEvent;
  }

  return { scan };
}

function isSame(text: string, bytes: Buffer, start: number): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
