/** Events made up for the feeds' tests, and a story that only remembers what was applied to it. */
import type { Story } from '../../dashboards/feed.ts';
import type { BootNs, Event } from '../../src/event/event.ts';
import { makeReading } from './scenes.ts';

/** An event that tells something, `seconds` after the start. */
export function told(seconds: number, child = 1): Event {
  return { kind: 'task.forked', ...common(seconds), child, flags: 0 };
}

/** One that does not. */
export function beat(seconds: number): Event {
  return { kind: 'beat', ...common(seconds) };
}

export function cut(seconds: number, why: string): Event {
  return { kind: 'stream.cut', ts: ns(seconds), why };
}

function common(seconds: number) {
  return { ts: ns(seconds), cpu: 0, pid: 1, tid: 1, comm: 'story' };
}

export function ns(seconds: number): BootNs {
  return (100e9 + seconds * 1e9) as BootNs;
}

export interface RecordedStory extends Story {
  readonly applied: readonly Event[];
}

export function createRecordedStory(): RecordedStory {
  const applied: Event[] = [];
  return {
    applied,
    apply: (event) => applied.push(event),
    read: (nowNs) => makeReading({ nowNs }),
  };
}

/** Batches that can be read again and again, as a recording's can. */
export function repeatable(...batches: readonly (readonly Event[])[]): AsyncIterable<readonly Event[]> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* batches;
    },
  };
}
