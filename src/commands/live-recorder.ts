/**
 * Recording out of a dashboard that runs: from the key on, with a walk first, so that what is there already is in the
 * recording. The kernel's counters are left out of it, since they count what came before as well.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { SourceRow } from '../capture/ndjson-source.ts';
import type { Session } from '../capture/session.ts';
import { encodeRow } from '../event/encode.ts';
import type { Header } from '../event/header.ts';
import { SCHEMA_VERSION } from '../event/schema.ts';
import { writeNewText } from '../recording/keep.ts';
import { createRecording, type RecordingWriter } from '../recording/writer.ts';

/** Rows that may wait for the disk, some 50 MB of text; then the recording ends, because the trace must go on. */
const MOST_WAITING = 400_000;
const NO_COUNTERS =
  "begun in a running dashboard: the kernel's counters are not in it, so loss shows less surely";

export interface LiveRecorder {
  /** The session, whose rows are recorded as they pass by. */
  readonly session: Session;
  readonly start: (path: string) => Promise<Result<string>>;
  readonly stop: () => Promise<Result<string>>;
  readonly recordingTo: () => string | null;
}

interface Running {
  readonly path: string;
  readonly writer: RecordingWriter;
  rows: number;
  bad: number;
  /** Rows that were handed to the writer and are not on disk yet. */
  waiting: number;
  hasBegun: boolean;
  failure: string | null;
}

/** Records nothing yet. */
export function createLiveRecorder(session: Session): LiveRecorder {
  let running: Running | null = null;

  async function* passOn(): AsyncGenerator<readonly SourceRow[]> {
    for await (const batch of session.rows) {
      if (running !== null) record(running, batch);
      yield batch;
    }
  }

  async function start(path: string): Promise<Result<string>> {
    if (running !== null) return err(`this is recorded to ${running.path} already`);
    const isNew = await writeNewText(path, '');
    if (!isNew.ok) return isNew;
    const writer = await createRecording(path, headerOf(session.header));
    if (!writer.ok) return writer;
    running = { path, writer: writer.value, rows: 0, bad: 0, waiting: 0, hasBegun: false, failure: null };
    void session.walk();
    return ok(`recording to ${path} from now on (w stops it)`);
  }

  async function stop(): Promise<Result<string>> {
    const stopped = running;
    running = null;
    if (stopped === null) return err('nothing is being recorded');
    const { path, writer, rows, bad, failure } = stopped;
    const why = failure ?? 'recorded for a part of a live dashboard';
    const finished = await writer.finish({ complete: false, bad, why });
    if (!finished.ok) return finished;
    return failure === null ? ok(`${rows} rows recorded to ${path}`) : err(`${path}: ${failure}`);
  }

  return {
    session: { ...session, rows: passOn() },
    start,
    stop,
    recordingTo: () =>
      running === null
        ? null
        : running.failure === null
          ? running.path
          : `${running.path}: ${running.failure}`,
  };
}

function headerOf(header: Header): Header {
  const left_out = [...header.left_out, { path: 'counters', reason: NO_COUNTERS }];
  return { ...header, pointers: 'renumbered', left_out };
}

function record(running: Running, batch: readonly SourceRow[]): void {
  if (running.failure !== null) return;
  if (running.waiting > MOST_WAITING) {
    running.failure = 'the disk is too slow for what happens here; the recording ends where it was';
    return;
  }
  const texts = batch
    .map(({ text }) => text)
    .filter((text) => text !== '' && !text.startsWith('{"type": "map"'));
  if (!running.hasBegun) {
    const ts = timeOf(batch);
    if (ts === null) return;
    running.hasBegun = true;
    texts.unshift(helloAt(ts));
  }
  running.rows += texts.length;
  running.bad += batch.filter(({ parsed }) => !parsed.ok).length;
  running.waiting += texts.length;
  void running.writer.write(texts).then((result) => {
    running.waiting -= texts.length;
    if (!result.ok) running.failure ??= result.error;
  });
}

/** The time of the first row that has one. */
function timeOf(batch: readonly SourceRow[]): number | null {
  for (const { parsed } of batch) {
    if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) continue;
    const { value } = parsed;
    if ('data' in value && Array.isArray(value.data) && typeof value.data[1] === 'number')
      return value.data[1];
  }
  return null;
}

/** Tracing has begun long before; for this recording it begins here. */
function helloAt(ts: number): string {
  const common = { ts, cpu: 0, pid: 0, tid: 0, comm: 'whopins' };
  return encodeRow({ kind: 'hello', ...common, schema: SCHEMA_VERSION });
}
