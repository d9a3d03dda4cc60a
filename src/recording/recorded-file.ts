/**
 * One file of a recording while it is written: lines gathered into members, checkpoints between them, the index and the
 * ending after them. After the first error nothing more is written: what is on disk by then stays readable.
 */
import { ok, type Result } from '../base/result.ts';
import { type CheckpointPlace, type TraceState, writeCheckpoint } from './checkpoint.ts';
import type { MemberLabel } from './member.ts';
import { type MemberFile, openMemberFile } from './member-file.ts';

export interface RecordedFile {
  /** Takes whole lines, each with its newline, `rows` of them rows. Settles when they are written, or held. */
  readonly append: (lines: string, rows: number) => Promise<Result<void>>;
  /** Writes what is held. */
  readonly flush: () => Promise<Result<void>>;
  /** Writes what is held, then a checkpoint. Returns the checkpoint's length in characters. */
  readonly addCheckpoint: (place: CheckpointPlace, state: TraceState) => number;
  /** Writes what is held, the index and the last line, and closes. */
  readonly finish: (lastLine: string, span: TimeSpan) => Promise<Result<void>>;
  /** Bytes on disk. */
  readonly size: () => number;
}

/** From the first row's time to the last one's, boot ns. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** A member is finished when it holds this much text, or when its first line has waited this long. */
const MEMBER_CHARACTERS = 256 * 1024;
const MEMBER_MS = 1000;

/** Opens a file, see `openMemberFile`. `rowsBefore`: in the parts of the recording before this one. */
export async function openRecordedFile(
  path: string,
  isNew: boolean,
  rowsBefore: number,
): Promise<Result<RecordedFile>> {
  const file = await openMemberFile(path, isNew);
  return file.ok ? ok(createRecordedFile(file.value, rowsBefore)) : file;
}

function createRecordedFile(file: MemberFile, rowsBefore: number): RecordedFile {
  let held: string[] = [];
  let heldCharacters = 0;
  let rows = rowsBefore;
  let heldFrom = rows;
  let timer: NodeJS.Timeout | null = null;
  let state: Result<void> = ok(undefined);
  const index: (CheckpointPlace & { readonly offset: number })[] = [];
  /** Members are written one after another: each waits for the one before it. */
  let written: Promise<void> = Promise.resolve();

  function write(text: string, label: () => MemberLabel, then?: (offset: number) => void): void {
    written = written.then(async () => {
      if (!state.ok) return;
      const result = await file.write(text, label());
      if (result.ok) {
        then?.(result.value);
        return;
      }
      state = result;
      // Whoever could not begin finishes nothing, and a file left open ends the process when it is collected (Node 26).
      await file.close();
    });
  }

  function finishMember(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (held.length === 0) return;
    const before = heldFrom;
    write(held.join(''), () => ({ kind: 'rows', numbers: [before, 0, 0] }));
    held = [];
    heldCharacters = 0;
    heldFrom = rows;
  }

  async function settle(): Promise<Result<void>> {
    await written;
    return state;
  }

  return {
    async append(lines, more) {
      held.push(lines);
      heldCharacters += lines.length;
      rows += more;
      if (heldCharacters < MEMBER_CHARACTERS) {
        timer ??= setTimeout(finishMember, MEMBER_MS);
        return state;
      }
      finishMember();
      return settle();
    },
    flush() {
      finishMember();
      return settle();
    },
    addCheckpoint(place, traceState) {
      finishMember();
      const text = writeCheckpoint(place, traceState);
      const numbers = [place.rows, place.events, place.ts] as const;
      write(
        text,
        () => ({ kind: 'checkpoint', numbers }),
        (offset) => index.push({ ...place, offset }),
      );
      return text.length;
    },
    async finish(lastLine, { from, to }) {
      finishMember();
      await written;
      const line = JSON.stringify({ whopins: 'index', from, to, rows, checkpoints: index });
      let indexAt = 0;
      write(
        `${line}\n`,
        () => ({ kind: 'index', numbers: [0, 0, 0] }),
        (offset) => {
          indexAt = offset;
        },
      );
      write(`${lastLine}\n`, () => ({ kind: 'end', numbers: [indexAt, file.size(), 0] }));
      await written;
      const closed = await file.close();
      return state.ok ? closed : state;
    },
    size: file.size,
  };
}
