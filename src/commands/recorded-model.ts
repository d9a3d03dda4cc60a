/** A recording, told to the end or to a moment: the model that answers are asked of. */
import { ok, type Result } from '../base/result.ts';
import { applyEvent, type Model } from '../model/model.ts';
import type { SeekableTrace } from '../model/seekable.ts';
import { openNearEnd } from '../recording/last-state.ts';
import { openSeekable } from '../recording/seek.ts';
import { type Moment, momentToBoot } from './moment.ts';
import { createProgress, followProgress } from './progress.ts';
import { keepHeapSmall } from './small-heap.ts';

/** Reads a recording into a model, up to and including `until`. The error is one line. */
export async function readModel(path: string, until: Moment | null = null): Promise<Result<Model>> {
  keepHeapSmall();
  if (until === null) return readWhole(path);
  const trace = await openWatched(path);
  if (!trace.ok) return trace;
  return ok(await modelAt(trace.value, bootNsIn(trace.value, until)));
}

async function readWhole(path: string): Promise<Result<Model>> {
  const remaining = await openNearEnd(path);
  if (!remaining.ok) return remaining;
  const { model, source } = remaining.value;
  const { batches } = followProgress(source, 'reading');
  for await (const events of batches) for (const event of events) applyEvent(model, event);
  return ok(model);
}

/** Opens a recording for seeks; where that takes long, tells how far it is. The error is one line. */
export async function openWatched(path: string): Promise<Result<SeekableTrace>> {
  const progress = createProgress('opening');
  const trace = await openSeekable(path, progress.add);
  progress.end();
  return trace;
}

/** The moment in nanoseconds since boot, as this recording's clocks and length have it. */
export function bootNsIn({ from, to, header }: SeekableTrace, moment: Moment): number {
  return momentToBoot(moment, { from, to, clock: header.clock });
}

/** All that is known at a moment, boot ns. Ages are counted from that moment, not from the last row before it. */
export async function modelAt(trace: SeekableTrace, ns: number): Promise<Model> {
  const progress = createProgress('seeking');
  const { model, batches } = await trace.seek({ ns }, undefined, progress.add);
  progress.end();
  // The rest is not wanted: entering and leaving it closes the file.
  for await (const _rest of batches) break;
  return model;
}
