/** A recording, told to the end or to a moment: the model that answers are asked of. */
import { err, ok, type Result } from '../base/result.ts';
import { applyEvent, createModel, type Model } from '../model/model.ts';
import type { SeekableTrace } from '../model/seekable.ts';
import { openRecording, type Recording, readEvents } from '../recording/reader.ts';
import { openSeekable } from '../recording/seek.ts';
import { type Moment, momentToBoot } from './moment.ts';
import { followProgress } from './progress.ts';

/** Reads a recording into a model, up to and including `until`. The error is one line. */
export async function readModel(path: string, until: Moment | null = null): Promise<Result<Model>> {
  if (until === null) return readWhole(path);
  const trace = await openSeekable(path);
  if (!trace.ok) return trace;
  return ok(await modelAt(trace.value, bootNsIn(trace.value, until)));
}

async function readWhole(path: string): Promise<Result<Model>> {
  const recording = await openRecording(path);
  if (!recording.ok) return err(recording.error);
  if ((recording.value.header.part ?? 1) > 1) return readPart(path, recording.value);
  const { header, batches } = followProgress(readEvents(recording.value), 'reading');
  const model = createModel(header);
  for await (const events of batches) for (const event of events) applyEvent(model, event);
  return ok(model);
}

/** A later part of a recording: it begins with what the parts before it told. */
async function readPart(path: string, recording: Recording): Promise<Result<Model>> {
  await recording.close();
  const trace = await openSeekable(path);
  if (!trace.ok) return trace;
  const { model, batches } = await trace.value.seek({ events: 0 });
  for await (const events of batches) for (const event of events) applyEvent(model, event);
  return ok(model);
}

/** The moment in nanoseconds since boot, as this recording's clocks and length have it. */
export function bootNsIn({ from, to, header }: SeekableTrace, moment: Moment): number {
  return momentToBoot(moment, { from, to, clock: header.clock });
}

/** All that is known at a moment, boot ns. Ages are counted from that moment, not from the last row before it. */
export async function modelAt(trace: SeekableTrace, ns: number): Promise<Model> {
  const { model, batches } = await trace.seek({ ns });
  // The rest is not wanted: entering and leaving it closes the file.
  for await (const _rest of batches) break;
  return model;
}
