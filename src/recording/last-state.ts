/**
 * The way to a recording's end for those who ask only what is known there. The last checkpoint holds all that the rows
 * before it told, to the last of their effects (a test compares the two ways), so a report of ten million rows reads
 * the few behind it.
 */
import { ok, type Result } from '../base/result.ts';
import type { EventBatchSource } from '../event/stream.ts';
import { createModel, type Model } from '../model/model.ts';
import { findMarks } from './marks.ts';
import { decodeLines, onlyEvents, openRecording, readEvents } from './reader.ts';
import { END, startFrom } from './start.ts';

/** What is known by a place, and the events that follow it: the model is the caller's, to apply them to. */
export interface Remaining {
  readonly model: Model;
  readonly source: EventBatchSource;
}

/** Opens a recording as near to its end as can be. The error is one line. */
export async function openNearEnd(path: string): Promise<Result<Remaining>> {
  const opened = await openRecording(path);
  if (!opened.ok) return opened;
  const { header, reopen, close } = opened.value;
  if (reopen === null) return ok({ model: createModel(header), source: readEvents(opened.value) });
  await close();
  const { tracker, recording } = await startFrom(path, header, await findMarks(path), END);
  const batches = onlyEvents(decodeLines(recording, tracker.stream));
  return ok({
    model: tracker.model,
    source: { header, batches, close: recording.close, share: recording.share },
  });
}
