/**
 * Reads a recording: whole, cut at any byte, damaged in the middle, or still growing.
 *
 * A file that cannot be read at all is an expected failure (one line); everything wrong after the header becomes
 * events, so that an answer from a broken recording says what it rests on.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { Event } from '../event/event.ts';
import type { Ending, Header } from '../event/header.ts';
import { createEventStream, type EventBatchSource } from '../event/stream.ts';
import { openBytes } from './bytes.ts';
import { parseEnding, parseHeader } from './envelope.ts';
import { type LineBatch, NEWLINE, readLines } from './lines.ts';

/** An opened recording. `lines` can be read once and holds everything after the header. */
export interface Recording {
  readonly header: Header;
  readonly lines: AsyncIterable<LineBatch>;
  readonly close: () => Promise<void>;
  /** Opens it once more, from the start; null while it still grows. */
  readonly reopen: (() => Promise<Result<Recording>>) | null;
}

/**
 * Opens a recording and reads its header. With `follow`, waits for the file to grow, until the signal aborts.
 * Errors: missing, empty, foreign, or of a newer format: one line that says what to do.
 */
export async function openRecording(path: string, follow?: AbortSignal): Promise<Result<Recording>> {
  const bytes = await openBytes(path, follow);
  if (!bytes.ok) return err(cannotRead(path, bytes.error, 'check the path'));
  const batches = readLines(bytes.value);
  const close = async () => {
    await batches.return(undefined);
  };
  for (let next = await batches.next(); !next.done; next = await batches.next()) {
    const { bytes: begun, gap } = next.value;
    const end = begun.indexOf(NEWLINE);
    if (end === -1) continue;
    const header = parseHeader(begun.toString('utf8', 0, end));
    if (header.ok) {
      const lines = continueWith({ bytes: begun.subarray(end + 1), gap }, batches);
      const reopen = follow === undefined ? () => openRecording(path) : null;
      return ok({ header: header.value, lines, close, reopen });
    }
    await close();
    return err(cannotRead(path, header.error.what, header.error.remedy));
  }
  return err(cannotRead(path, 'it has not even one whole line', 'record again with whopins record -o FILE'));
}

function cannotRead(path: string, why: string, remedy: string): string {
  return `cannot read the recording ${path}: ${why}; ${remedy}`;
}

async function* continueWith(first: LineBatch, rest: AsyncGenerator<LineBatch>): AsyncGenerator<LineBatch> {
  // A reader that leaves at the first batch must end the rest too, or its file stays open (Node 26: an error).
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/**
 * The events of a recording, in order. Never throws; reading stops at the ending. `batches` gives all of them again
 * each time it is iterated, except for a recording that still grows.
 */
export function readEvents(recording: Recording): EventBatchSource {
  const { header, reopen } = recording;
  let current = recording;
  let isFresh = true;

  async function* readOnceMore(open: NonNullable<Recording['reopen']>): AsyncGenerator<readonly Event[]> {
    if (!isFresh) {
      const again = await open();
      if (!again.ok) return;
      current = again.value;
    }
    isFresh = false;
    yield* decodeBatches(current.lines);
  }

  const batches =
    reopen === null ? decodeBatches(recording.lines) : { [Symbol.asyncIterator]: () => readOnceMore(reopen) };
  return { header, batches, close: () => current.close() };
}

async function* decodeBatches(batches: AsyncIterable<LineBatch>): AsyncGenerator<readonly Event[]> {
  const stream = createEventStream();
  for await (const { bytes, gap } of batches) {
    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(NEWLINE, start);
      if (isOurOwn(bytes, start)) {
        const ending = parseEnding(bytes.toString('utf8', start, end));
        if (ending !== null) {
          yield stream.end(whyIncomplete(ending));
          return;
        }
      } else if (!isBlank(bytes, start, end)) {
        stream.addBytes(bytes, start, end);
      }
      start = end + 1;
    }
    if (gap !== null) stream.addBad(gap);
    const events = stream.take();
    if (events.length > 0) yield events;
  }
  yield stream.end('the recording was cut: its last line is missing');
}

/** True for header and ending, `{"whopins":…`. Rows of bpftrace never begin so. */
function isOurOwn(bytes: Buffer, start: number): boolean {
  return bytes[start + 2] === 0x77 && bytes.toString('latin1', start, start + 10) === '{"whopins"';
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  return end - start < 3 && bytes.toString('latin1', start, end).trim() === '';
}

function whyIncomplete(ending: Ending): string {
  return ending.why ?? 'the tracer stopped without its last row';
}
