/**
 * Writes and compiles one function for each kind of row, which reads that row's columns from its bytes and makes the
 * event. The text of these functions holds nothing but the names of schema.ts.
 *
 * Why compiled: a loop over columns that fills an object took 0.55 µs a row, with a shape that V8 cannot rely on;
 * straight code for each kind takes 0.25 µs, since each column has branches of its own to predict and the object is
 * one literal (Node 20, 160 bytes a row).
 */
import { readDev } from './column.ts';
import type { RowEvent } from './event.ts';
import { COMMON, type ColumnType, type RowKind, SCHEMA } from './schema.ts';
import type { TextMemory } from './text-memory.ts';

/** Reads the columns that begin with the comma at `start`; null where only the slow way can. */
export type RowReader = (bytes: Buffer, start: number, end: number) => RowEvent | null;

/** The reader of one kind of row. */
export function compileReader(kind: RowKind, memory: TextMemory): RowReader {
  const columns = Object.entries<ColumnType>({ ...COMMON, ...SCHEMA[kind] });
  const reads = columns.map(([name, type]) => (type === 'str' ? readText(name) : readNumber(name, type)));
  const make = new Function(
    'memory',
    'readDev',
    `return (bytes, start, end) => {
      let at = start, first = 0, digit = 0, low = 0, scale = 1, slot = 0, isNegative = false;
      ${reads.join('')}
      if (at + 2 !== end || bytes[at] !== ${CLOSE_BRACKET} || bytes[at + 1] !== ${CLOSE_BRACE}) return null;
      return { kind: '${kind}', ${columns.map(([name]) => `${name}: $${name}`).join(', ')} };
    };`,
  );
  // As in tuple-reader.ts: every column was read as its type.
  return make(memory, readDev) as RowReader;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

/** So many digits fit an int32, whose arithmetic is several times faster than a double's. */
const FAST_DIGITS = 9;
const MOST_DIGITS = 16;

function readText(name: string): string {
  return `
      if (bytes[at] !== ${COMMA} || bytes[at + 1] !== ${QUOTE}) return null;
      slot = memory.find(bytes, at + 2, end);
      if (slot < 0) return null;
      const $${name} = memory.textIn(slot);
      at = memory.endOfFound() + 1;`;
}

/** An integer that a double holds exactly, as JSON writes it: without leading zeros, and -0 is not 0. */
function readNumber(name: string, type: ColumnType): string {
  const isNeverNegative = type === 'ino' || name === 'ts';
  const sign = isNeverNegative
    ? `first = ++at;`
    : `isNegative = bytes[++at] === ${MINUS};
      first = isNegative ? ++at : at;`;
  // A variable of its own: one that holds integers in one column and doubles in the next is a double everywhere.
  const value = `${name}Number`;
  const negate = isNeverNegative
    ? ''
    : `if (isNegative) {
        if (${value} === 0) return null;
        ${value} = -${value};
      }`;
  const keep =
    type === 'dev'
      ? `const $${name} = readDev(${value});
      if ($${name} === undefined) return null;`
      : `const $${name} = ${value};`;
  return `
      if (bytes[at] !== ${COMMA}) return null;
      ${sign}
      let ${value} = 0;
      digit = bytes[at] - ${ZERO};
      while (digit >>> 0 <= 9 && at - first < ${FAST_DIGITS}) {
        ${value} = (${value} * 10 + digit) | 0;
        digit = bytes[++at] - ${ZERO};
      }
      if (digit >>> 0 <= 9) {
        low = 0;
        scale = 1;
        do {
          low = (low * 10 + digit) | 0;
          scale *= 10;
          digit = bytes[++at] - ${ZERO};
        } while (digit >>> 0 <= 9 && at - first < ${MOST_DIGITS});
        ${value} = ${value} * scale + low;
        if (${value} > ${Number.MAX_SAFE_INTEGER}) return null;
      }
      if (at === first || (at - first > 1 && bytes[first] === ${ZERO})) return null;
      ${negate}
      ${keep}`;
}
