/**
 * Writes a recording: header, rows as bpftrace printed them (pointers renumbered), checkpoints, index, ending; in one
 * file or in parts.
 *
 * Rows are stored undecoded so that a better decoder improves old recordings. The header is on disk before the first
 * row comes; a recording without the ending was cut. A part begins with a checkpoint, so that it can be read alone.
 */
import { randomBytes } from 'node:crypto';
import { err, ok, type Result } from '../base/result.ts';
import type { Ending, Header } from '../event/header.ts';
import type { Model } from '../model/model.ts';
import { WITHOUT_LAST_ROW } from './envelope.ts';
import { feedLines } from './feed.ts';
import { cannotWrite } from './place.ts';
import { createPointerNumbers } from './pointers.ts';
import { openRecordedFile, type RecordedFile } from './recorded-file.ts';
import { dropOldParts, listParts, partPath, type Rotation } from './rotation.ts';
import { openStdout } from './stdout-sink.ts';
import { createTracker } from './tracker.ts';

export interface RecordingWriter {
  /** Takes rows' text, in the order in which they came. After an error nothing more is written. */
  readonly write: (rows: readonly string[]) => Promise<Result<void>>;
  /** Writes the last line and closes. `rows.written` of the ending is filled in here. */
  readonly finish: (ending: EndingFacts) => Promise<Result<void>>;
  /** All that the rows written so far tell. To be read only. */
  readonly model: Model;
  /** The file that is being written. */
  readonly path: () => string;
}

/** What the writer cannot know itself. */
export interface EndingFacts extends Omit<Ending, 'whopins' | 'rows'> {
  readonly bad: number;
}

/**
 * Text between two checkpoints: some 100,000 rows, which a reader replays in a fraction of a second. Where the model has
 * grown large they are further apart, so that they take at most a third of the recording's text.
 */
const CHECKPOINT_CHARACTERS = 16 << 20;
const CHECKPOINT_SHARE = 2;

export interface RecordingOptions {
  /** Without it the recording is one file. */
  readonly rotation?: Rotation | null;
  /** Text between two checkpoints. */
  readonly checkpointCharacters?: number;
}

/**
 * Starts a recording at `path`, or on standard output where it is `-`; with a rotation, in parts beside it. Errors are
 * one line with what to do.
 */
export async function createRecording(
  path: string,
  header: Header,
  options: RecordingOptions = {},
): Promise<Result<RecordingWriter>> {
  const { rotation = null, checkpointCharacters = CHECKPOINT_CHARACTERS } = options;
  const run = randomBytes(8).toString('hex');
  const numbers = header.pointers === 'raw' ? null : createPointerNumbers();
  const tracker = createTracker(header);
  let part = rotation === null ? 0 : await nextPart(path);
  let partsOfRun = 0;
  let written = 0;
  let begunAt = performance.now();
  let charactersSince = 0;
  let checkpointLength = 0;
  let first = 0;
  let turn: Promise<Result<void>> = Promise.resolve(ok(undefined));

  const begun = await openPart();
  if (!begun.ok) return begun;
  let file = begun.value;

  function place(): string {
    return rotation === null ? path : partPath(path, part);
  }

  async function openPart(): Promise<Result<RecordedFile>> {
    const opened =
      path === '-' ? ok(openStdout()) : await openRecordedFile(place(), rotation !== null, written);
    if (!opened.ok) return err(cannotWrite(place(), opened.error));
    partsOfRun += 1;
    first = 0;
    const own: Header = rotation === null ? header : { ...header, run, part: partsOfRun };
    await opened.value.append(`${JSON.stringify(own)}\n`, 0);
    if (partsOfRun > 1) addCheckpoint(opened.value);
    const flushed = told(await opened.value.flush());
    begunAt = performance.now();
    return flushed.ok ? opened : flushed;
  }

  function told(result: Result<void>): Result<void> {
    return result.ok ? result : err(cannotWrite(place(), result.error));
  }

  function addCheckpoint(to: RecordedFile): void {
    checkpointLength = to.addCheckpoint(tracker.place(), tracker.state());
    charactersSince = 0;
  }

  async function writeNow(rows: readonly string[]): Promise<Result<void>> {
    const kept = numbers === null ? rows : rows.map(numbers.renumber);
    const text = kept.map((row) => `${row}\n`).join('');
    written += rows.length;
    const appended = told(await file.append(text, rows.length));
    if (!appended.ok) return appended;
    follow(text, rows.length);
    if (charactersSince >= Math.max(checkpointCharacters, checkpointLength * CHECKPOINT_SHARE)) {
      addCheckpoint(file);
    }
    return isFull() ? rotate() : appended;
  }

  /** The model sees the very bytes that a reader will see. */
  function follow(text: string, rows: number): void {
    charactersSince += text.length;
    const bytes = Buffer.from(text);
    feedLines(tracker.stream, bytes);
    const events = tracker.stream.take();
    first ||= events[0]?.ts ?? 0;
    tracker.apply(events);
    tracker.addRows(rows);
  }

  function isFull(): boolean {
    if (rotation === null || path === '-') return false;
    const { maxBytes, maxMs } = rotation;
    return (
      (maxBytes !== null && file.size() >= maxBytes) ||
      (maxMs !== null && performance.now() - begunAt >= maxMs)
    );
  }

  async function rotate(): Promise<Result<void>> {
    const before = place();
    part += 1;
    const why = `it goes on in ${partPath(path, part)}`;
    const ending: Ending = {
      whopins: 'end',
      complete: false,
      why,
      rows: { written, bad: 0 },
      next_part: partsOfRun + 1,
    };
    const finished = await file.finish(JSON.stringify(ending), span());
    if (!finished.ok) return err(cannotWrite(before, finished.error));
    const opened = await openPart();
    if (!opened.ok) return opened;
    file = opened.value;
    if (rotation?.keep != null) await dropOldParts(path, rotation.keep);
    return ok(undefined);
  }

  function span() {
    // The last rows still wait to be put in order.
    return { from: first, to: Math.max(tracker.model.coverage.now, tracker.stream.save().buffer.newest) };
  }

  function write(rows: readonly string[]): Promise<Result<void>> {
    if (rows.length > 0) turn = turn.then((before) => (before.ok ? writeNow(rows) : before));
    return turn;
  }

  async function finish({ bad, ...facts }: EndingFacts): Promise<Result<void>> {
    const before = await turn;
    const forgotten = numbers?.forgotten() ?? 0;
    const ending: Ending = {
      whopins: 'end',
      ...facts,
      rows: { written, bad },
      ...(forgotten > 0 ? { pointers_forgotten: forgotten } : {}),
    };
    // A recording long enough for checkpoints has one more right before its end, which is where reports begin.
    if (before.ok && checkpointLength > 0) addCheckpoint(file);
    tracker.apply(tracker.stream.end(facts.why ?? WITHOUT_LAST_ROW));
    const finished = told(await file.finish(JSON.stringify(ending), span()));
    return before.ok ? finished : before;
  }

  return ok({ write, finish, model: tracker.model, path: place });
}

async function nextPart(path: string): Promise<number> {
  const parts = await listParts(path).catch(() => []);
  return (parts.at(-1) ?? 0) + 1;
}
