/**
 * bpftrace's output as rows: each with its own text, which the recorder keeps, and its parsed value.
 *
 * The ndjson parser is fed by hand, line by line, and never piped into: a piped parser goes silent for good after one
 * malformed line, a row that reads `null` ends it, and what it could not parse is gone. Measured with ndjson 2.0.0.
 */
import type { TransformOptions } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import ndjson, { type ParseOptions } from 'ndjson';
import { err, ok, type Result } from '../base/result.ts';
import { LONGEST_ROW, repairRow } from '../event/row.ts';

/** One line of output. A row that is not JSON is a row too: it is counted, and its neighbours stay whole. */
export interface SourceRow {
  readonly text: string;
  readonly parsed: Result<unknown>;
}

export interface NdjsonSource {
  /** Takes the next bytes, cut anywhere, and returns the rows that they complete. */
  readonly write: (chunk: Buffer) => readonly SourceRow[];
  /** Returns what was left without a newline. */
  readonly end: () => readonly SourceRow[];
}

/** Creates a source for one stream of bytes. */
export function createNdjsonSource(): NdjsonSource {
  const decoder = new StringDecoder('utf8');
  const parseLines = createLineParser();
  let broken = '';
  let isOverlong = false;

  function takeLines(text: string): readonly SourceRow[] {
    const all = broken + text;
    const end = all.lastIndexOf('\n') + 1;
    broken = all.slice(end);
    let start = 0;
    if (isOverlong && end > 0) {
      isOverlong = false;
      start = all.indexOf('\n') + 1;
    }
    const rows = start < end ? parseLines(all.slice(start, end)) : [];
    if (broken.length > LONGEST_ROW) {
      if (!isOverlong) rows.push({ text: '', parsed: err('row is too long') });
      isOverlong = true;
      broken = '';
    }
    return rows;
  }

  return {
    write: (chunk) => takeLines(decoder.write(chunk)),
    end: () => takeLines(`${decoder.end()}\n`),
  };
}

/**
 * Wraps the parser so that each line of a text, which ends with a newline, gives exactly one outcome. Fed with whole lines
 * while something listens, the parser hands out every row, or its error, before `write` returns.
 */
function createLineParser(): (text: string) => SourceRow[] {
  // A text that it may take as it is need not be made bytes and text again for each of its rows.
  const options: ParseOptions & TransformOptions = { decodeStrings: false };
  const parser = ndjson.parse(options);
  let outcomes: Result<unknown>[] = [];
  parser.on('data', (value: unknown) => outcomes.push(ok(value)));
  // Listening is what keeps the parser alive after a bad line.
  parser.on('error', () => outcomes.push(err('row is not JSON')));

  function feed(text: string, lines: number): void {
    outcomes = [];
    if (lines > 0) parser.write(repairRow(text));
    if (outcomes.length !== lines) throw new Error(`ndjson made ${outcomes.length} rows of ${lines} lines`);
  }

  return (text) => {
    const lines = text.split('\n');
    lines.pop();
    if (lines.every(isPlain)) {
      feed(text, lines.length);
      const parsed = outcomes;
      return lines.map((line, index) => ({ text: line, parsed: parsed[index] ?? NULL_ROW }));
    }
    const kept = lines.map(withoutReturn).filter((line) => line.trim() !== '');
    // To a stream null is its end, so the parser must never see one.
    const fed = kept.filter((line) => !isNull(line));
    feed(fed.map((line) => `${line}\n`).join(''), fed.length);
    let next = 0;
    return kept.map((line) => ({
      text: line,
      parsed: (isNull(line) ? null : outcomes[next++]) ?? NULL_ROW,
    }));
  };
}

const NULL_ROW = err('row is null');

/** What nearly every line is: a row in braces, and so neither blank nor null nor with a carriage return. */
function isPlain(line: string): boolean {
  return line.startsWith('{') && line.endsWith('}');
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function isNull(line: string): boolean {
  return line.trim() === 'null';
}
