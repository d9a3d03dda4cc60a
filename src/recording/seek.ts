/**
 * Entering a recording at any moment: from the nearest checkpoint before it, then row by row.
 *
 * Checkpoints are found by the index; in a recording without its end, by passing from label to label. Those of another
 * version of the model are of no use: then the way there is read once from the start, and checkpoints of our own are
 * kept in memory on the way. Recordings without labels (format 1, pipes, plain text) are read from the start each time.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { BootNs, Event } from '../event/event.ts';
import type { Header } from '../event/header.ts';
import { advanceClock } from '../model/model.ts';
import type { Destination, OnRead, Reached, SeekableTrace } from '../model/seekable.ts';
import type { CheckpointPlace } from './checkpoint.ts';
import { findMarks, type Marks } from './marks.ts';
import {
  cannotRead,
  type DecodedBatch,
  decodeLines,
  onlyEvents,
  openRecording,
  type Recording,
} from './reader.ts';
import { type Goal, readFrom, type Start, startFrom } from './start.ts';

/** Opens a recording for replay. The error is one line. `onRead` hears how far it is where that takes time. */
export async function openSeekable(path: string, onRead?: OnRead): Promise<Result<SeekableTrace>> {
  const recording = await openRecording(path);
  if (!recording.ok) return recording;
  const { header, reopen } = recording.value;
  if (reopen === null) {
    await recording.value.close();
    return err(cannotRead(path, 'it can be read only once', 'copy it to a file first'));
  }
  const first = await firstEvents(recording.value);
  const marks = await findMarks(path);
  const from = (first[0]?.ts ?? 0) as BootNs;
  const to = (marks.to ?? (await lastTime(path, header, marks, from, onRead))) as BootNs;

  async function seek(destination: Destination, signal?: AbortSignal, onRead?: OnRead): Promise<Reached> {
    const goal = goalOf(destination, from, to);
    const start = await startFrom(path, header, marks, goal);
    const batches = decodeLines(start.recording, start.tracker.stream);
    return walkTo(goal, start, batches, marks, { signal, onRead });
  }

  return ok({ header, from, to, seek });
}

/** The events of the first piece that has any. */
async function firstEvents(recording: Recording): Promise<readonly Event[]> {
  for await (const { events } of decodeLines(recording)) if (events.length > 0) return events;
  return [];
}

/** The time of the last row, by reading all of them behind the last checkpoint, whoever made that. */
async function lastTime(
  path: string,
  header: Header,
  marks: Marks,
  from: number,
  onRead: OnRead | undefined,
): Promise<number> {
  const last = marks.last();
  const recording = await (last === null ? openRecording(path) : readFrom(path, header, last.offset));
  let to = last?.ts ?? from;
  if (!recording.ok) return to;
  for await (const { events } of decodeLines(recording.value)) {
    for (const { ts } of events) to = Math.max(to, ts);
    onRead?.(events.length, recording.value.share());
  }
  return to;
}

function goalOf(destination: Destination, from: number, to: number): Goal {
  if ('events' in destination) return { events: destination.events, ns: Number.POSITIVE_INFINITY };
  const ns = 'ns' in destination ? destination.ns : from + ((to - from) * destination.percent) / 100;
  return { events: Number.POSITIVE_INFINITY, ns };
}

async function walkTo(
  goal: Goal,
  { tracker, recording }: Start,
  batches: AsyncGenerator<DecodedBatch>,
  marks: Marks,
  { signal, onRead }: { readonly signal: AbortSignal | undefined; readonly onRead: OnRead | undefined },
): Promise<Reached> {
  let begun: CheckpointPlace | null = null;
  const reached = (rest: readonly Event[]): Reached => {
    // Ages are counted from the moment asked for, not from the last row before it.
    if (Number.isFinite(goal.ns)) advanceClock(tracker.model, goal.ns as BootNs);
    const { events, ts } = tracker.place();
    return {
      position: { events, ts: ts as BootNs },
      model: tracker.model,
      batches: closedWhenLeft(continueWith(rest, batches), batches),
    };
  };
  try {
    for (let step = await batches.next(); !step.done; step = await batches.next()) {
      signal?.throwIfAborted();
      const { events, next } = step.value;
      const stop = stopIn(events, goal, tracker.place().events);
      tracker.apply(stop === events.length ? events : events.slice(0, stop));
      if (stop < events.length) return reached(events.slice(stop));
      if (tracker.place().events >= goal.events) return reached([]);
      if (next !== null) marks.keep(tracker, next);
      begun ??= tracker.place();
      onRead?.(events.length, shareOf(goal, begun, tracker.place()));
    }
    return reached([]);
  } catch (error) {
    await recording.close();
    throw error;
  }
}

/** How much of the way from a place to the goal is done. */
function shareOf(goal: Goal, begun: CheckpointPlace, { events, ts }: CheckpointPlace): number {
  return Number.isFinite(goal.events)
    ? (events - begun.events) / (goal.events - begun.events)
    : (ts - begun.ts) / (goal.ns - begun.ts);
}

/** How many of these events come before the goal. */
function stopIn(events: readonly Event[], goal: Goal, before: number): number {
  const room = Math.max(0, goal.events - before);
  const late = events.findIndex((event) => event.ts > goal.ns);
  return Math.min(room, late === -1 ? events.length : late);
}

async function* continueWith(
  first: readonly Event[],
  rest: AsyncGenerator<DecodedBatch>,
): AsyncGenerator<readonly Event[]> {
  if (first.length > 0) yield first;
  yield* onlyEvents(rest);
}

/**
 * Who leaves closes the file, whether or not anything was read: a generator that was never begun runs no `finally`.
 * One step back through a paused recording leaves several places unread, and files that stay open until they are
 * collected are a warning in the middle of the dashboard (Node 20) or an error (Node 26).
 */
function closedWhenLeft(
  batches: AsyncGenerator<readonly Event[]>,
  rest: AsyncGenerator<DecodedBatch>,
): AsyncIterable<readonly Event[]> {
  const iterator: AsyncIterator<readonly Event[]> = {
    next: () => batches.next(),
    async return() {
      await batches.return(undefined);
      await rest.return(undefined);
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
