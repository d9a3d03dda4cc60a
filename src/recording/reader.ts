/**
 * Reads a recording: whole, cut at any byte, damaged in the middle, or still growing.
 *
 * A file that cannot be read at all is an expected failure (one line); everything wrong after the header becomes
 * events, so that an answer from a broken recording says what it rests on.
 */
import type { FileHandle } from 'node:fs/promises';
import { err, ok, type Result } from '../base/result.ts';
import type { Event } from '../event/event.ts';
import type { Ending, Header } from '../event/header.ts';
import { createEventStream, type EventBatchSource, type EventStream } from '../event/stream.ts';
import { openFile, readBytes, readPipe, readUpTo } from './bytes.ts';
import { parseEnding, parseHeader, WITHOUT_LAST_ROW } from './envelope.ts';
import { feedLines, NEWLINE } from './feed.ts';
import { type LineBatch, toLines, unpackBytes } from './lines.ts';
import { LABEL_BYTES, readLabel } from './member.ts';
import { readPieces } from './member-reader.ts';

/** An opened recording. `lines` can be read once and holds everything after the header. */
export interface Recording {
  readonly header: Header;
  readonly lines: AsyncIterable<LineBatch>;
  readonly close: () => Promise<void>;
  /** Opens it once more, from the start; null while it still grows, and for pipes. */
  readonly reopen: (() => Promise<Result<Recording>>) | null;
  /** It is still being written: its ending is the end. */
  readonly isGrowing: boolean;
  /** How much of it was read, 0 to 1; null where its length is not known. */
  readonly share: () => number | null;
}

/**
 * Opens a recording and reads its header. With `follow`, waits for the file to grow, until the signal aborts.
 * Errors: missing, empty, foreign, or of a newer format: one line that says what to do.
 */
export async function openRecording(path: string, follow?: AbortSignal): Promise<Result<Recording>> {
  const opened = await openFile(path);
  if (!opened.ok) return err(cannotRead(path, opened.error, 'check the path'));
  const { file, isRegular } = opened.value;
  const { size } = await file.stat();
  const batches = await linesOf(file, isRegular, follow);
  let read = 0;

  async function close(): Promise<void> {
    await batches.return(undefined);
    await file.close().catch(() => {});
  }

  async function* continueWith(first: LineBatch): AsyncGenerator<LineBatch> {
    // A reader that leaves at the first batch must end the rest too, or its file stays open (Node 26: an error).
    try {
      yield first;
      for await (const batch of batches) {
        read = batch.next ?? read;
        yield batch;
      }
    } finally {
      await close();
    }
  }

  for (let next = await batches.next(); !next.done; next = await batches.next()) {
    const { bytes: begun, ...rest } = next.value;
    const end = begun.indexOf(NEWLINE);
    if (end === -1) continue;
    const header = parseHeader(begun.toString('utf8', 0, end));
    if (header.ok) {
      const canReopen = follow === undefined && isRegular;
      return ok({
        header: header.value,
        lines: continueWith({ bytes: begun.subarray(end + 1), ...rest }),
        close,
        reopen: canReopen ? () => openRecording(path) : null,
        isGrowing: follow !== undefined,
        share: () => (canReopen && read > 0 ? read / size : null),
      });
    }
    await close();
    return err(cannotRead(path, header.error.what, header.error.remedy));
  }
  await close();
  return err(cannotRead(path, 'it has not even one whole line', 'record again with whopins record -o FILE'));
}

export function cannotRead(path: string, why: string, remedy: string): string {
  return `cannot read the recording ${path}: ${why}; ${remedy}`;
}

async function linesOf(
  file: FileHandle,
  isRegular: boolean,
  follow: AbortSignal | undefined,
): Promise<AsyncGenerator<LineBatch>> {
  if (!isRegular) return toLines(unpackBytes(readPipe(file, follow)));
  const isLabelled = follow === undefined && (await hasLabel(file));
  return toLines(isLabelled ? readPieces(file, 0) : unpackBytes(readBytes(file, 0, follow)));
}

/** Whether the file's first member has a label: since format 2. */
export async function hasLabel(file: FileHandle): Promise<boolean> {
  return readLabel(await readUpTo(file, LABEL_BYTES, 0)) !== null;
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
    yield* onlyEvents(decodeLines(current));
  }

  const batches =
    reopen === null
      ? onlyEvents(decodeLines(recording))
      : { [Symbol.asyncIterator]: () => readOnceMore(reopen) };
  return { header, batches, close: () => current.close(), share: () => current.share() };
}

/** Leaves out batches without events. */
export async function* onlyEvents(batches: AsyncIterable<DecodedBatch>): AsyncGenerator<readonly Event[]> {
  for await (const { events } of batches) if (events.length > 0) yield events;
}

/** The events of a piece of a recording. */
export interface DecodedBatch {
  readonly events: readonly Event[];
  /** Where in the file reading can go on with the stream's state as it is now; null: not here. */
  readonly next: number | null;
}

/**
 * Decodes lines to the end of the recording. Where recordings were joined (`cat a b > c`), the parts of one run go on as
 * one; between all others a seam is told. Anything else behind an ending is no recording's.
 */
export async function* decodeLines(
  { header, lines, isGrowing }: Pick<Recording, 'header' | 'lines' | 'isGrowing'>,
  stream: EventStream = createEventStream(header),
): AsyncGenerator<DecodedBatch> {
  let current = header;
  let ending: Ending | null = null;

  /** True at an ending. */
  function takeOurs(line: string): boolean {
    const next = line.startsWith(HEADER_BEGIN) ? parseHeader(line) : null;
    if (next === null) {
      ending = parseEnding(line);
      return ending !== null;
    }
    if (!next.ok) {
      stream.addBad(`a recording that was joined to this one cannot be read: ${next.error.what}`);
      return false;
    }
    if (!goesOn(current, ending, next.value)) stream.join(next.value, describeSeam(next.value, ending));
    current = next.value;
    ending = null;
    return false;
  }

  for await (const { bytes, gap, next } of lines) {
    for (let at = 0; at < bytes.length; ) {
      if (ending !== null) at = findHeader(bytes, at);
      at = feedLines(stream, bytes, at, takeOurs);
    }
    if (gap !== null && ending === null) stream.addBad(gap);
    yield { events: stream.take(), next };
    if (ending !== null && isGrowing) break;
  }
  yield { events: stream.end(whyIncomplete(ending)), next: null };
}

/** Where the next line that begins a recording is; the end of the bytes where none does. */
function findHeader(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(HEADER_BEGIN, from);
  return at === -1 ? bytes.length : at;
}

const HEADER_BEGIN = '{"whopins":"header"';

function goesOn({ run }: Header, ending: Ending | null, next: Header): boolean {
  return run !== undefined && run === next.run && next.part !== undefined && ending?.next_part === next.part;
}

function describeSeam({ host, kernel }: Header, ending: Ending | null): string {
  const before = ending === null ? ', and the one before it was cut' : '';
  return `another recording begins (${host}, Linux ${kernel})${before}`;
}

function whyIncomplete(ending: Ending | null): string {
  if (ending === null) return 'the recording was cut: its last line is missing';
  return ending.why ?? WITHOUT_LAST_ROW;
}
