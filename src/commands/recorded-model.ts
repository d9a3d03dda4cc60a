/** A recording, told to the end or to a moment: the model that answers are asked of. */
import { err, ok, type Result } from '../base/result.ts';
import type { BootNs } from '../event/event.ts';
import { advanceClock, applyEvent, createModel, type Model } from '../model/model.ts';
import { openRecording, readEvents } from '../recording/reader.ts';
import type { Moment } from './moment.ts';

/** Reads a recording into a model, up to and including `until`. The error is one line. */
export async function readModel(path: string, until: Moment | null = null): Promise<Result<Model>> {
  const recording = await openRecording(path);
  if (!recording.ok) return err(recording.error);
  const source = readEvents(recording.value);
  const model = createModel(source.header);
  let untilNs = until === null ? Number.POSITIVE_INFINITY : null;
  for await (const events of source.batches) {
    for (const event of events) {
      untilNs ??= boundary(until, event.ts);
      if (event.ts > untilNs) {
        // Ages are counted from the moment asked for, not from the last row before it.
        advanceClock(model, untilNs as BootNs);
        await source.close();
        return ok(model);
      }
      applyEvent(model, event);
    }
  }
  return ok(model);
}

function boundary(until: Moment | null, startNs: number): number {
  return until?.since === 'start' ? startNs + until.ns : (until?.ns ?? Number.POSITIVE_INFINITY);
}
