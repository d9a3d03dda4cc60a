/**
 * Where reading begins so that as little as possible has to be read: at the nearest checkpoint before the goal that this
 * version of the model can use, otherwise at the first row.
 */
import type { FileHandle } from 'node:fs/promises';
import { ok, type Result } from '../base/result.ts';
import type { Header } from '../event/header.ts';
import { openFile } from './bytes.ts';
import { toLines } from './lines.ts';
import type { Mark, Marks } from './marks.ts';
import { readPieces } from './member-reader.ts';
import { openRecording, type Recording } from './reader.ts';
import { createTracker, type Tracker } from './tracker.ts';

/** A place to arrive at: after so many events, or at the last event up to this time. */
export interface Goal {
  readonly events: number;
  readonly ns: number;
}

/** The end of the recording, whenever that is. */
export const END: Goal = { events: Number.POSITIVE_INFINITY, ns: Number.POSITIVE_INFINITY };

/** What is known at a place, and what follows it. */
export interface Start {
  readonly tracker: Tracker;
  readonly recording: Pick<Recording, 'header' | 'lines' | 'isGrowing' | 'close' | 'share'>;
}

/** Begins at the best of the marks; those that turn out to be of no use are dropped. */
export async function startFrom(path: string, header: Header, marks: Marks, goal: Goal): Promise<Start> {
  // A later part of a recording begins with what the parts before it told.
  const base = (header.part ?? 1) > 1 ? marks.first() : null;
  for (const mark of [...marks.before(goal), ...(base === null ? [] : [base])]) {
    const start = await startAt(path, header, mark);
    if (start !== null) return start;
    marks.drop(mark);
  }
  const recording = await openRecording(path);
  if (!recording.ok) throw new Error(recording.error);
  return { tracker: createTracker(header), recording: recording.value };
}

/** null where the mark cannot be used: another version made it, or the file has changed. */
async function startAt(path: string, header: Header, mark: Mark): Promise<Start | null> {
  const checkpoint = await mark.load();
  if (checkpoint === null) return null;
  const recording = await readFrom(path, header, mark.offset);
  return recording.ok ? { tracker: createTracker(header, checkpoint), recording: recording.value } : null;
}

/** The recording from a place on where a member begins. */
export async function readFrom(
  path: string,
  header: Header,
  offset: number,
): Promise<Result<Start['recording']>> {
  const opened = await openFile(path);
  if (!opened.ok) return opened;
  const { file } = opened.value;
  const close = () => file.close().catch(() => {});
  const lines = closing(toLines(readPieces(file, offset)), file);
  return ok({ header, lines, isGrowing: false, close, share: () => null });
}

async function* closing<Item>(items: AsyncIterable<Item>, file: FileHandle): AsyncGenerator<Item> {
  try {
    yield* items;
  } finally {
    await file.close().catch(() => {});
  }
}
