/** The play head of a recording: it applies one event after the other, and can be put back to where it was before. */
import type { Event } from '../src/event/event.ts';
import { createCheckpoints, type Position } from './checkpoints.ts';
import type { Story } from './feed.ts';
import type { Extent } from './scene.ts';
import type { Destination, Entry, Source } from './source.ts';
import { createTape, isTelling } from './tape.ts';

export interface Player {
  readonly story: () => Story;
  readonly position: () => Position;
  /** The event that comes `ahead` after the next one (before it, where negative); undefined: not in memory. */
  readonly peek: (ahead?: number) => Event | undefined;
  /** The number of the last telling event before `next`; `none` where there is none; null where memory ends. */
  readonly lastTelling: (next: number) => number | 'none' | null;
  readonly load: () => Promise<void>;
  /** Whether the recording ends before the event that `peek` would give. */
  readonly endsBefore: (ahead: number) => boolean;
  /** Applies the next event, if it is in memory. */
  readonly applyNext: () => void;
  /** Moves the head on without an event: nothing happened in between. */
  readonly moveHead: (ns: number) => void;
  /** Puts the head back to the latest position that was kept and fits; false where none is. */
  readonly goBack: (fits: (position: Position) => boolean) => boolean;
  /** Enters the recording anew, at the destination or before it; false where it can be read only once. */
  readonly enter: (destination: Destination) => Promise<boolean>;
  readonly canEnter: boolean;
  /** Whether entering far away is quicker than playing up to there. */
  readonly isIndexed: boolean;
  /** How often the head was put elsewhere: what was begun before that is out of date. */
  readonly jumps: () => number;
  /** Every event was applied. */
  readonly isDone: () => boolean;
  readonly extent: () => Extent | null;
  readonly failure: () => string | null;
  readonly close: () => void;
}

/** A head before the first event. */
export function createPlayer(source: Source, clock: () => number): Player {
  const checkpoints = createCheckpoints(clock);
  let { story, next, headNs, batches } = source.start();
  let tape = createTape(batches, next);
  let gapStartNs = 0;
  let startNs = source.extent?.fromNs ?? null;
  let endNs = source.extent?.toNs ?? null;
  let jumps = 0;
  let failure: string | null = null;
  const position = (): Position => ({ next, headNs, gapStartNs });
  checkpoints.offer(position(), story);

  function applyNext(): void {
    const event = tape.at(next);
    if (event === undefined) return;
    story.apply(event);
    next += 1;
    startNs ??= event.ts;
    if (headNs === null || isTelling(event)) gapStartNs = event.ts;
    headNs = Math.max(headNs ?? event.ts, event.ts);
    checkpoints.offer(position(), story);
  }

  function goBack(fits: (position: Position) => boolean): boolean {
    const kept = checkpoints.latest((each) => each.next >= tape.first() && fits(each));
    if (kept === undefined) return false;
    ({ next, headNs, gapStartNs } = kept);
    // The checkpoint stays as it is for the next time.
    story = kept.story.copy();
    jumps += 1;
    return true;
  }

  async function enter(destination: Destination): Promise<boolean> {
    if (source.enter === null) return false;
    try {
      take(await source.enter(destination));
    } catch (error) {
      failure = `reading the recording failed: ${error instanceof Error ? error.message : String(error)}`;
    }
    return true;
  }

  function take(entry: Entry): void {
    tape.close();
    ({ story, next, headNs, batches } = entry);
    tape = createTape(batches, next);
    gapStartNs = headNs ?? 0;
    jumps += 1;
    checkpoints.offer(position(), story);
  }

  function lastTelling(before: number): number | 'none' | null {
    for (let number = before - 1; number >= 0; number -= 1) {
      const event = tape.at(number);
      if (event === undefined) return null;
      if (isTelling(event)) return number;
    }
    return 'none';
  }

  return {
    story: () => story,
    position,
    lastTelling,
    peek: (ahead = 0) => tape.at(next + ahead),
    load: () => tape.load(next),
    endsBefore: (ahead) => tape.endsBefore(next + ahead),
    applyNext,
    moveHead(ns) {
      headNs = Math.max(headNs ?? ns, ns);
    },
    goBack,
    enter,
    canEnter: source.enter !== null,
    isIndexed: source.isIndexed,
    jumps: () => jumps,
    isDone() {
      const isDone = tape.endsBefore(next);
      if (isDone && headNs !== null) endNs ??= headNs;
      return isDone;
    },
    extent: () => (startNs === null ? null : { fromNs: startNs, toNs: endNs }),
    failure: () => failure ?? tape.failure(),
    close: () => tape.close(),
  };
}
