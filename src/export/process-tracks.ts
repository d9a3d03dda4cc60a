/**
 * The processes of a Chrome trace: each that has something drawn gets its name once, and its life as an async event
 * when it has exited, or at the end.
 */
import { cleanName } from '../base/text.ts';
import type { TaskRef } from '../model/answer.ts';
import { lifeOf, type Model } from '../model/model.ts';
import type { Life } from '../model/select/lives.ts';
import { asyncPair, processName, type TraceEvent, type Track, threadName } from './trace-event.ts';

/** No pid or tid is that large (PID_MAX_LIMIT, include/linux/threads.h, 7.3). */
const PID_LIMIT = 4 * 1024 * 1024;
/** Added to a pid: the track of what that process handed on and was given. */
const HANDS = PID_LIMIT;
/** What is about the trace itself, and what was taken by a process that is not known. */
export const THE_TRACE: Track = { pid: 2 * PID_LIMIT + 1, tid: 2 * PID_LIMIT + 1 };
const NOBODY: Track = { pid: 2 * PID_LIMIT + 2, tid: 2 * PID_LIMIT + 2 };

/** Where what a process does is drawn, or a thread of it. Its number is checked: a row may hold any. */
export function trackOf(task: Pick<TaskRef, 'pid'> | null, tid = task?.pid ?? 0): Track {
  return task !== null && isTaskNumber(task.pid) && isTaskNumber(tid) ? { pid: task.pid, tid } : NOBODY;
}

/** Where its hand-overs are drawn. */
export function handsTrackOf(task: Pick<TaskRef, 'pid'>): Track {
  const { pid, tid } = trackOf(task);
  return pid === NOBODY.pid ? NOBODY : { pid, tid: HANDS + tid };
}

function isTaskNumber(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= PID_LIMIT;
}

/** So many are remembered as named; one that was forgotten is named again. */
const MOST_PROCESSES = 65_536;

export interface ProcessTracks {
  /** Its name where it was not told yet; its life too where that is over. */
  readonly name: (task: Pick<TaskRef, 'pid' | 'comm'> | null, withHands?: boolean) => TraceEvent[];
  /** The life of a process that has just exited, if anything of it is drawn. */
  readonly drawExited: (pid: number) => TraceEvent[];
  /** The lives that go on. */
  readonly drawRest: () => TraceEvent[];
}

interface Known {
  /** The life that was drawn last; a pid may have several, one after the other. */
  drawn: Life | null;
  hasHands: boolean;
}

export function createProcessTracks(model: Model, nextId: () => number): ProcessTracks {
  const known = new Map<number, Known>();
  let isNobodyNamed = false;

  function nameNobody(): TraceEvent[] {
    if (isNobodyNamed) return [];
    isNobodyNamed = true;
    return [processName(NOBODY.pid, 'not known', model.coverage.start ?? 0)];
  }

  function name(task: Pick<TaskRef, 'pid' | 'comm'> | null, withHands = false): TraceEvent[] {
    if (task === null || trackOf(task) === NOBODY) return nameNobody();
    const { pid } = task;
    const at = model.coverage.start ?? 0;
    const events: TraceEvent[] = [];
    let entry = known.get(pid);
    if (entry === undefined) {
      entry = { drawn: null, hasHands: false };
      known.set(pid, entry);
      events.push(processName(pid, cleanName(task.comm), at));
      if (known.size > MOST_PROCESSES) events.push(...forgetOldest());
    }
    if (withHands && !entry.hasHands) {
      entry.hasHands = true;
      events.push(threadName(handsTrackOf(task), 'hand-overs', at));
    }
    return [...events, ...drawExited(pid)];
  }

  function drawExited(pid: number): TraceEvent[] {
    const entry = known.get(pid);
    const life = entry === undefined ? null : lifeOf(model, pid);
    return entry === undefined || life === null || life.until_ns === null ? [] : draw(entry, life);
  }

  function draw(entry: Known, life: Life): TraceEvent[] {
    const { pid, comm, since_ns, until_ns } = life;
    if (entry.drawn?.since_ns === since_ns && entry.drawn.until_ns === until_ns) return [];
    entry.drawn = life;
    const period = { from: since_ns ?? model.coverage.start ?? 0, to: until_ns ?? model.coverage.now };
    const args = { forked: since_ns !== null, exited: until_ns !== null };
    const label = { name: `process ${cleanName(comm)}`, cat: 'process', args };
    return asyncPair(nextId(), { pid, tid: pid }, label, period);
  }

  function drawAlive([pid, entry]: readonly [number, Known]): TraceEvent[] {
    const life = lifeOf(model, pid);
    return life === null ? [] : draw(entry, life);
  }

  function forgetOldest(): TraceEvent[] {
    const [oldest] = known;
    if (oldest === undefined) return [];
    known.delete(oldest[0]);
    return drawAlive(oldest);
  }

  return { name, drawExited, drawRest: () => [...known].flatMap(drawAlive) };
}
