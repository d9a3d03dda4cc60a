/**
 * From bytes to lines, in batches. Only whole lines come out: a line broken off by a cut or a gap does not. They come
 * as bytes, because most rows are decoded without becoming text.
 */
import { type Gap, inflateMembers, isGzip } from './inflate.ts';

export interface LineBatch {
  /** Whole lines, each with its newline. */
  readonly bytes: Buffer;
  /** Set where bytes are missing right after these lines. */
  readonly gap: string | null;
}

/** A line that grows beyond this is not one of ours; it is dropped as a gap, so that memory stays bounded. */
const LONGEST_LINE_BYTES = 4 << 20;

export const NEWLINE = 0x0a;

const NOTHING: Buffer = Buffer.alloc(0);

/** Reads plain or gzipped bytes, whichever the first two are. */
export async function* readLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<LineBatch> {
  let broken: Buffer[] = [];
  let brokenBytes = 0;
  let tooLong = false;

  function begin(rest: Buffer[]): void {
    broken = rest;
    brokenBytes = rest.reduce((sum, bytes) => sum + bytes.length, 0);
    tooLong = false;
  }

  for await (const piece of unpack(bytes)) {
    if ('gap' in piece) {
      begin([]);
      yield { bytes: NOTHING, gap: piece.gap };
      continue;
    }
    const end = piece.lastIndexOf(NEWLINE);
    if (end !== -1) {
      const from = tooLong ? piece.indexOf(NEWLINE) + 1 : 0;
      const lines = piece.subarray(from, end + 1);
      const bytes = brokenBytes === 0 ? lines : Buffer.concat([...broken, lines]);
      begin([piece.subarray(end + 1)]);
      yield { bytes, gap: null };
    } else if (!tooLong) {
      begin([...broken, piece]);
    }
    if (brokenBytes <= LONGEST_LINE_BYTES) continue;
    begin([]);
    tooLong = true;
    yield { bytes: NOTHING, gap: 'a line is too long to be a row' };
  }
  // A row that only lost its newline is whole; JSON tells.
  const last = Buffer.concat([...broken, Buffer.of(NEWLINE)]);
  if (isWhole(last.toString('utf8'))) yield { bytes: last, gap: null };
}

async function* unpack(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer | Gap> {
  const iterator = bytes[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  // Two bytes tell gzip from text; a file that is being written may give them one by one.
  while (first.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    first = Buffer.concat([first, next.value]);
  }
  const whole = prepend(first, iterator);
  yield* isGzip(first) ? inflateMembers(whole) : whole;
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
