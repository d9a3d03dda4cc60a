/** Events made up for the feeds' tests, and a story that only remembers what was applied to it. */
import type { FoundAt, Story } from '../../dashboards/feed.ts';
import { type BootNs, type Dev, type Event, inodeKey } from '../../src/event/event.ts';
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

/** An event with which this story has a finding, `began` seconds after the start, of a process of this number. */
export function finding(seconds: number, began: number): Event {
  return { kind: 'task.exited', ...common(seconds), code: began };
}

export interface RecordedStory extends Story {
  readonly applied: readonly Event[];
}

const KEY = inodeKey('0:26' as Dev, 2);

export function createRecordedStory(before: readonly Event[] = []): RecordedStory {
  const applied: Event[] = [...before];
  return {
    applied,
    apply: (event) => applied.push(event),
    tend: () => {},
    read: (nowNs) => makeReading({ nowNs }),
    findings: (key = KEY) =>
      new Map(
        applied.flatMap((event): [string, FoundAt][] =>
          event.kind === 'task.exited' && key === KEY
            ? [[`finding ${event.code}`, { key: KEY, startNs: ns(event.code) }]]
            : [],
        ),
      ),
    copy: () => createRecordedStory(applied),
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
