/** Entering a recording at any moment. */
import { ok, type Result } from '../base/result.ts';
import type { BootNs, Event } from '../event/event.ts';
import { advanceClock, applyEvent, createModel } from '../model/model.ts';
import type { Destination, Reached, SeekableTrace } from '../model/seekable.ts';
import { openRecording, readEvents } from './reader.ts';

/** Opens a recording for replay. The error is one line. */
export async function openSeekable(path: string): Promise<Result<SeekableTrace>> {
  const recording = await openRecording(path);
  if (!recording.ok) return recording;
  const { header } = recording.value;
  let from: number | null = null;
  let to = 0;
  for await (const events of readEvents(recording.value).batches) {
    for (const { ts } of events) {
      from ??= ts;
      to = Math.max(to, ts);
    }
  }
  const start = (from ?? 0) as BootNs;
  const end = to as BootNs;

  async function seek(destination: Destination, signal?: AbortSignal): Promise<Reached> {
    const goal = goalOf(destination, start, end);
    const opened = await openRecording(path);
    if (!opened.ok) throw new Error(opened.error);
    const model = createModel(header);
    const batches = readEvents(opened.value).batches[Symbol.asyncIterator]();
    let events = 0;
    let ts = start;
    for (let next = await batches.next(); !next.done; next = await batches.next()) {
      signal?.throwIfAborted();
      for (const [index, event] of next.value.entries()) {
        if (events >= goal.events || event.ts > goal.ns) {
          if (Number.isFinite(goal.ns)) advanceClock(model, goal.ns as BootNs);
          const rest = next.value.slice(index);
          return { position: { events, ts }, model, batches: continueWith(rest, batches) };
        }
        applyEvent(model, event);
        ts = event.ts;
        events += 1;
      }
    }
    return { position: { events, ts }, model, batches: continueWith([], batches) };
  }

  return ok({ header, from: start, to: end, seek });
}

function goalOf(destination: Destination, from: number, to: number): { events: number; ns: number } {
  if ('events' in destination) return { events: destination.events, ns: Number.POSITIVE_INFINITY };
  const ns = 'ns' in destination ? destination.ns : from + ((to - from) * destination.percent) / 100;
  return { events: Number.POSITIVE_INFINITY, ns };
}

async function* continueWith(
  first: readonly Event[],
  rest: AsyncIterator<readonly Event[]>,
): AsyncGenerator<readonly Event[]> {
  try {
    if (first.length > 0) yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
