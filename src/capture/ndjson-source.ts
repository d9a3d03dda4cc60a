/**
 * bpftrace's output as rows: each with its own text, which the recorder keeps, and its parsed value.
 *
 * The ndjson parser is fed by hand, line by line, and never piped into: a piped parser goes silent for good after one
 * malformed line, a row that reads `null` ends it, and what it could not parse is gone. Measured with ndjson 2.0.0.
 */
import { StringDecoder } from 'node:string_decoder';
import ndjson from 'ndjson';
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
    const lines = (broken + text).split('\n');
    broken = lines.pop() ?? '';
    if (isOverlong && lines.length > 0) {
      isOverlong = false;
      lines.shift();
    }
    const rows = parseLines(lines.map(withoutReturn).filter(isNotEmpty));
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
 * Wraps the parser so that each line gives exactly one outcome. Fed with whole lines while something listens, the
 * parser hands out every row, or its error, before `write` returns.
 */
function createLineParser(): (lines: readonly string[]) => SourceRow[] {
  const parser = ndjson.parse();
  let outcomes: Result<unknown>[] = [];
  parser.on('data', (value: unknown) => outcomes.push(ok(value)));
  // Listening is what keeps the parser alive after a bad line.
  parser.on('error', () => outcomes.push(err('row is not JSON')));

  return (lines) => {
    outcomes = [];
    // To a stream null is its end, so the parser must never see one.
    const fed = lines.filter((line) => !isNull(line));
    if (fed.length > 0) parser.write(fed.map((line) => `${repairRow(line)}\n`).join(''));
    if (outcomes.length !== fed.length)
      throw new Error(`ndjson made ${outcomes.length} rows of ${fed.length} lines`);
    let next = 0;
    return lines.map((text) => ({
      text,
      parsed: (isNull(text) ? null : outcomes[next++]) ?? err('row is null'),
    }));
  };
}

/** Faster than to split by both: no row of bpftrace's has one. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function isNotEmpty(line: string): boolean {
  return line.startsWith('{') || line.trim() !== '';
}

/** Nearly every row begins with a brace: then it is not worth a second look. */
function isNull(line: string): boolean {
  return !line.startsWith('{') && line.trim() === 'null';
}
