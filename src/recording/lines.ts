/**
 * From unpacked pieces to lines, in batches. Only whole lines come out: a line broken off by a cut or a gap does not.
 * They come as bytes, because most rows are decoded without becoming text.
 */
import { NEWLINE } from './feed.ts';
import { type Gap, inflateMembers, isGzip } from './inflate.ts';
import type { Piece } from './member-reader.ts';

export interface LineBatch {
  /** Whole lines, each with its newline. */
  readonly bytes: Buffer;
  /** Set where bytes are missing right after these lines. */
  readonly gap: string | null;
  /** Where in the file reading can go on after these lines; null where only its beginning is such a place. */
  readonly next: number | null;
}

/** A line that grows beyond this is not one of ours; it is dropped as a gap, so that memory stays bounded. */
const LONGEST_LINE_BYTES = 4 << 20;

const NOTHING: Buffer = Buffer.alloc(0);

/** Puts pieces, cut anywhere, together to lines. */
export async function* toLines(pieces: AsyncIterable<Piece | Gap>): AsyncGenerator<LineBatch> {
  let broken: Buffer[] = [];
  let brokenBytes = 0;
  let tooLong = false;

  function begin(rest: Buffer[]): void {
    broken = rest;
    brokenBytes = rest.reduce((sum, bytes) => sum + bytes.length, 0);
    tooLong = false;
  }

  for await (const piece of pieces) {
    if ('gap' in piece) {
      begin([]);
      yield { bytes: NOTHING, gap: piece.gap, next: null };
      continue;
    }
    const text = piece.bytes;
    const end = text.lastIndexOf(NEWLINE);
    if (end !== -1) {
      const from = tooLong ? text.indexOf(NEWLINE) + 1 : 0;
      const lines = text.subarray(from, end + 1);
      const bytes = brokenBytes === 0 ? lines : Buffer.concat([...broken, lines]);
      begin([text.subarray(end + 1)]);
      yield { bytes, gap: null, next: brokenBytes === 0 ? piece.next : null };
    } else if (!tooLong) {
      begin([...broken, text]);
    }
    if (brokenBytes <= LONGEST_LINE_BYTES) continue;
    begin([]);
    tooLong = true;
    yield { bytes: NOTHING, gap: 'a line is too long to be a row', next: null };
  }
  // A row that only lost its newline is whole; JSON tells.
  const last = Buffer.concat([...broken, Buffer.of(NEWLINE)]);
  if (isWhole(last.toString('utf8'))) yield { bytes: last, gap: null, next: null };
}

/** Unpacks bytes, gzipped or plain, whichever the first two are. */
export async function* unpackBytes(bytes: AsyncIterable<Buffer>): AsyncGenerator<Piece | Gap> {
  const iterator = bytes[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  // Two bytes tell gzip from text; a file that is being written may give them one by one.
  while (first.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    first = Buffer.concat([first, next.value]);
  }
  const whole = prepend(first, iterator);
  for await (const piece of isGzip(first) ? inflateMembers(whole) : whole) {
    yield 'gap' in piece ? piece : { bytes: piece, next: null };
  }
}

async function* prepend(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
