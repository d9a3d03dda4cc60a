/**
 * The text of one row, before and beside JSON.parse.
 *
 * bpftrace's JSON loses two things that JSON.parse cannot bring back, so they are put right in the text:
 * - bytes from 0x80 up come as `\uffffffXX` (src/output/json.cpp escapes a signed char; seen in 0.17, still so in 0.27)
 * - integers above 2^53 come as plain numbers, which JSON.parse rounds (0.17 and 0.23; 0.27 writes them as text)
 */
import { err, ok, type Result } from '../base/result.ts';

/** Longer lines are not rows: no tuple of ours comes near it, and reading must stay bounded. */
export const LONGEST_ROW = 1 << 20;

const GARBLED_BYTES = /(?<!\\)((?:\\\\)*)((?:\\uffffff[89a-f][0-9a-f])+)/g;
/** No string goes on past its line. */
const STRING_OR_LONG_INTEGER = /"[^"\\\n]*(?:\\.[^"\\\n]*)*"|-?\d{16,}(?![\d.eE])/g;

/**
 * Gives back the text with garbled bytes as the UTF-8 they were, and inexact integers in quotes. Of several rows, each on its
 * line, each as if it stood alone: a broken one is left to itself.
 */
export function repairRow(text: string): string {
  const readable = text.includes('\\uffffff') ? text.replace(GARBLED_BYTES, restoreBytes) : text;
  return hasLongInteger(readable) ? readable.replace(STRING_OR_LONG_INTEGER, quoteInexact) : readable;
}

/**
 * Whether 16 digits stand in a row: 15 always are exact. Sixteen in a row cannot miss every sixteenth character, so
 * hardly more than these are looked at.
 */
function hasLongInteger(text: string): boolean {
  for (let at = LONG_DIGITS - 1; at < text.length; at += LONG_DIGITS) {
    if (!isDigit(text, at)) continue;
    let first = at;
    let last = at;
    while (isDigit(text, first - 1)) first -= 1;
    while (isDigit(text, last + 1)) last += 1;
    if (last - first + 1 >= LONG_DIGITS) return true;
  }
  return false;
}

const LONG_DIGITS = 16;

/** Before and after the text, where the code is NaN, there is none. */
function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/** Parses one row. The error says what is wrong with it, without the row's own (hostile) text. */
export function parseRow(text: string): Result<unknown> {
  if (text.length > LONGEST_ROW) return err('row is too long');
  try {
    const value: unknown = JSON.parse(repairRow(text));
    // To ndjson's stream null is the end, so it is no row anywhere.
    return value === null ? err('row is null') : ok(value);
  } catch {
    return err('row is not JSON');
  }
}

function restoreBytes(_match: string, backslashes: string, garbled: string): string {
  const bytes = garbled.split('\\uffffff').slice(1);
  return backslashes + Buffer.from(bytes.join(''), 'hex').toString('utf8');
}

function quoteInexact(token: string): string {
  return token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`;
}

/** A piece of a row's text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const TUPLE = /^\s*\{\s*"type"\s*:\s*"value"\s*,\s*"data"\s*:\s*\[/;

/**
 * Finds the elements of a `{"type":"value","data":[...]}` row in its text, without parsing them, so that one element
 * can be exchanged and all others stay as bpftrace wrote them. Nested arrays count as one element. Returns null where
 * the text has another shape.
 */
export function findElements(text: string): readonly Span[] | null {
  const opening = TUPLE.exec(text);
  if (opening === null) return null;
  const spans: Span[] = [];
  let start = opening[0].length;
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(text, at);
    } else if (char === OPEN_BRACKET) {
      depth++;
    } else if (char === COMMA && depth === 0) {
      spans.push({ start, end: at });
      start = at + 1;
    } else if (char === CLOSE_BRACKET && depth-- === 0) {
      spans.push({ start, end: at });
      return /^\s*\}\s*$/.test(text.slice(at + 1)) ? spans : null;
    }
  }
  return null;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;

/** The index of the quote that ends the string beginning at `start`; the text's length where none does. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at;
}
