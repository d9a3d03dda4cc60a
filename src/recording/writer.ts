/**
 * Writes a recording: header, rows as bpftrace printed them (pointers renumbered), ending.
 *
 * Rows are stored undecoded so that a better decoder improves old recordings. The header is on disk before the first
 * row comes; a recording without the ending was cut.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { Ending, Header } from '../event/header.ts';
import { cannotWrite } from './place.ts';
import { createPointerNumbers } from './pointers.ts';
import { openGzipSink, openStdoutSink } from './sink.ts';

export interface RecordingWriter {
  /** Takes rows' text, in the order in which they came. After an error nothing more is written. */
  readonly write: (rows: readonly string[]) => Promise<Result<void>>;
  /** Writes the last line and closes. `rows.written` of the ending is filled in here. */
  readonly finish: (ending: EndingFacts) => Promise<Result<void>>;
}

/** What the writer cannot know itself. */
export interface EndingFacts extends Omit<Ending, 'whopins' | 'rows'> {
  readonly bad: number;
}

/** Starts a recording at `path`, or on standard output where it is `-`. Errors are one line with what to do. */
export async function createRecording(path: string, header: Header): Promise<Result<RecordingWriter>> {
  const opened = path === '-' ? ok(openStdoutSink()) : await openGzipSink(path);
  if (!opened.ok) return err(cannotWrite(path, opened.error));
  const sink = opened.value;
  const numbers = header.pointers === 'raw' ? null : createPointerNumbers();
  let written = 0;

  async function append(lines: readonly string[]): Promise<Result<void>> {
    return told(await sink.append(lines.map((line) => `${line}\n`).join('')));
  }

  function told(result: Result<void>): Result<void> {
    return result.ok ? result : err(cannotWrite(path, result.error));
  }

  async function write(rows: readonly string[]): Promise<Result<void>> {
    if (rows.length === 0) return ok(undefined);
    written += rows.length;
    return append(numbers === null ? rows : rows.map(numbers.renumber));
  }

  async function finish({ bad, ...facts }: EndingFacts): Promise<Result<void>> {
    const forgotten = numbers?.forgotten() ?? 0;
    const ending: Ending = {
      whopins: 'end',
      ...facts,
      rows: { written, bad },
      ...(forgotten > 0 ? { pointers_forgotten: forgotten } : {}),
    };
    await append([JSON.stringify(ending)]);
    return told(await sink.close());
  }

  await append([JSON.stringify(header)]);
  const begun = told(await sink.flush());
  return begun.ok ? ok({ write, finish }) : begun;
}
