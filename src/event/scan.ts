/**
 * Reads a row straight from its bytes, without JSON.parse: reports on recordings of millions of rows spend most of
 * their time here. Knows only the form in which bpftrace writes plain rows; anything else (`\u` escapes, bytes from
 * 0x80 up, integers beyond 2^53, more columns) is left to the slow way, and a test holds that both give the same event.
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
const LOWER_U = 0x75;
const CLOSE_BRACE = 0x7d;

/** Strings in rows repeat: names of kinds, processes, devices, stacks. A slot holds the last one of its hash. */
const TEXT_SLOTS = 4096;
/** Text that is longer is compared by the C library, which is faster from about here on. */
const LONG_TEXT = 48;

/** What a column's value may be; the readers in column.ts say the same. */
const NUMBER = 0;
const NOT_NEGATIVE = 1;
const DEVICE = 2;
const TEXT = 3;
type Form = typeof NUMBER | typeof NOT_NEGATIVE | typeof DEVICE | typeof TEXT;

/** The values of one row by column: numbers in one list, texts in the other, so that numbers are not boxed. */
interface Values {
  readonly numbers: Float64Array;
  readonly texts: string[];
}

interface Layout {
  readonly forms: readonly Form[];
  readonly make: (numbers: Float64Array, texts: readonly string[]) => RowEvent;
}

const LAYOUTS: ReadonlyMap<string, Layout> = new Map(
  ROW_KINDS.map((kind) => {
    const columns = [...columnsOf(COMMON), ...columnsOf(SCHEMA[kind])];
    const forms = columns.map(([name, type]) => formOf(name, type));
    return [kind, { forms, make: compileMaker(kind, columns) }];
  }),
);

const MOST_COLUMNS = Math.max(...[...LAYOUTS.values()].map(({ forms }) => forms.length));

function columnsOf(columns: Columns): readonly (readonly [name: string, type: ColumnType])[] {
  return Object.entries(columns);
}

function formOf(name: string, type: ColumnType): Form {
  if (type === 'str') return TEXT;
  if (type === 'dev') return DEVICE;
  return type === 'ino' || name === 'ts' ? NOT_NEGATIVE : NUMBER;
}

/**
 * Writes `(numbers, texts) => ({ kind: 'beat', ts: numbers[0], … })` for a kind and compiles it. An object that is
 * filled column by column in a loop takes five times as long, and has no shape that V8 could rely on later. The text
 * holds nothing but names of schema.ts.
 */
function compileMaker(kind: string, columns: ReturnType<typeof columnsOf>): Layout['make'] {
  const fields = columns.map(([name, type], index) => {
    const isText = type === 'str' || type === 'dev';
    return `${name}: ${isText ? 'texts' : 'numbers'}[${index}]`;
  });
  const maker = new Function('numbers', 'texts', `return { kind: '${kind}', ${fields.join(', ')} };`);
  // As in decode.ts: every column was read as its type.
  return maker as Layout['make'];
}

export interface RowScanner {
  /** The row that lies in `bytes` from `start` up to, not including, `end`; null where the slow way must look. */
  readonly scan: (bytes: Buffer, start: number, end: number) => RowEvent | null;
}

/** Creates a scanner; it remembers nothing but texts that it saw before. */
export function createRowScanner(): RowScanner {
  const known = createTextMemory();
  const devices = new Map<number, Dev>();
  const values: Values = {
    numbers: new Float64Array(MOST_COLUMNS),
    texts: new Array(MOST_COLUMNS).fill(''),
  };
  /** Where the last value ended: at the comma or bracket behind it. */
  let at = 0;

  /** Reads the string whose opening quote is at `at`; null where only the slow way can. */
  function readText(bytes: Buffer, end: number): string | null {
    if (bytes[at] !== QUOTE) return null;
    const start = at + 1;
    let hash = 0;
    let hasEscapes = false;
    let here = start;
    for (; here < end; here++) {
      const byte = bytes[here] ?? 0;
      if (byte === QUOTE) break;
      if (byte < 0x20 || byte > 0x7e) return null;
      if (byte === BACKSLASH) {
        hasEscapes = true;
        // The escaped character may be a quote, which ends nothing.
        if (bytes[++here] === LOWER_U) return null;
      }
      hash = (hash * 31 + byte) | 0;
    }
    at = here + 1;
    return known.remember(bytes, start, here, hash, hasEscapes);
  }

  /** Reads an integer that a double holds; NaN for everything else. */
  function readNumber(bytes: Buffer): number {
    let here = at;
    const isNegative = bytes[here] === MINUS;
    if (isNegative) here++;
    const start = here;
    let value = 0;
    for (;;) {
      const digit = (bytes[here] ?? 0) - ZERO;
      if (digit < 0 || digit > NINE - ZERO) break;
      value = value * 10 + digit;
      here++;
    }
    at = here;
    const digits = here - start;
    const isOdd = digits === 0 || digits > 16 || value > Number.MAX_SAFE_INTEGER;
    // JSON has no leading zeros, and -0 is not 0.
    if (isOdd || (bytes[start] === ZERO && (digits > 1 || isNegative))) return Number.NaN;
    return isNegative ? -value : value;
  }

  function deviceOf(number: number): Dev | null {
    const device = devices.get(number) ?? readDev(number);
    if (device === undefined) return null;
    if (devices.size < TEXT_SLOTS) devices.set(number, device);
    return device;
  }

  /** Reads the columns behind the kind into `values`; false where only the slow way can. */
  function readColumns(forms: readonly Form[], bytes: Buffer, end: number): boolean {
    for (let column = 0; column < forms.length; column++) {
      if (bytes[at] !== COMMA) return false;
      at++;
      const form = forms[column];
      if (form === TEXT) {
        const text = readText(bytes, end);
        if (text === null) return false;
        values.texts[column] = text;
        continue;
      }
      const number = readNumber(bytes);
      if (Number.isNaN(number) || (form === NOT_NEGATIVE && number < 0)) return false;
      if (form === DEVICE) {
        const device = deviceOf(number);
        if (device === null) return false;
        values.texts[column] = device;
      } else {
        values.numbers[column] = number;
      }
    }
    return true;
  }

  function scan(bytes: Buffer, start: number, end: number): RowEvent | null {
    for (at = start; at < start + PREFIX.length; at++) {
      if (bytes[at] !== PREFIX[at - start]) return null;
    }
    const kind = readText(bytes, end);
    const layout = kind === null ? undefined : LAYOUTS.get(kind);
    if (layout === undefined || !readColumns(layout.forms, bytes, end)) return null;
    if (bytes[at] !== CLOSE_BRACKET || bytes[at + 1] !== CLOSE_BRACE || at + 2 !== end) return null;
    return layout.make(values.numbers, values.texts);
  }

  return { scan };
}

interface TextMemory {
  /** The text of `bytes` from `start` to `end`, as JSON means it: the same string as the last time where it can be. */
  readonly remember: (
    bytes: Buffer,
    start: number,
    end: number,
    hash: number,
    hasEscapes: boolean,
  ) => string | null;
}

function createTextMemory(): TextMemory {
  const texts: string[] = new Array(TEXT_SLOTS).fill('');
  /** The bytes of each text as they stood in the row. */
  const written: Buffer[] = new Array(TEXT_SLOTS).fill(Buffer.alloc(0));

  return {
    remember(bytes, start, end, hash, hasEscapes) {
      const slot = (hash ^ (hash >>> 15)) & (TEXT_SLOTS - 1);
      const before = written[slot];
      if (before !== undefined && isSame(before, bytes, start, end)) return texts[slot] ?? '';
      const text = hasEscapes ? unescapeText(bytes, start, end) : bytes.toString('latin1', start, end);
      if (text === null) return null;
      texts[slot] = text;
      written[slot] = Buffer.from(bytes.subarray(start, end));
      return text;
    },
  };
}

function isSame(before: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (before.length !== end - start) return false;
  if (before.length > LONG_TEXT) return before.compare(bytes, start, end) === 0;
  for (let index = 0; index < before.length; index++) {
    if (before[index] !== bytes[start + index]) return false;
  }
  return true;
}

function unescapeText(bytes: Buffer, start: number, end: number): string | null {
  try {
    const text: unknown = JSON.parse(`"${bytes.toString('latin1', start, end)}"`);
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}
