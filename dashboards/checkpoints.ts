/**
 * Copies of the story at moments that were played before, to go back to without playing everything again. Their number
 * is bounded: when there are too many, every other one goes, and those that come lie twice as far apart.
 */
import type { Story } from './feed.ts';

/** Where a story stands in its recording. */
export interface Position {
  /** Number of the event that comes next. */
  readonly next: number;
  /** Time of the play head, boot ns; null before the first event. */
  readonly headNs: number | null;
  /** When the last telling event happened, or the recording began. */
  readonly gapStartNs: number;
}

export interface Checkpoint extends Position {
  readonly story: Story;
}

export interface Checkpoints {
  /** Keeps a copy of the story if the last one lies far enough behind; it may cost a tenth of the time that passed. */
  readonly offer: (position: Position, story: Story) => void;
  /** The latest one that fits. */
  readonly latest: (fits: (position: Position) => boolean) => Checkpoint | undefined;
}

const MOST_KEPT = 24;
const FIRST_SPACING = 1000;
/** Copying may take this share of the time. */
const COPY_SHARE = 0.1;

/** None yet. `clock` gives milliseconds. */
export function createCheckpoints(clock: () => number): Checkpoints {
  let kept: Checkpoint[] = [];
  let spacing = FIRST_SPACING;
  let lastAtMs = clock();
  let copyMs = 0;

  function offer(position: Position, story: Story): void {
    const after = kept.findLastIndex(({ next }) => next <= position.next) + 1;
    const [before, behind] = [kept[after - 1], kept[after]];
    if (before !== undefined && position.next < before.next + spacing) return;
    if (behind !== undefined && behind.next < position.next + spacing) return;
    const began = clock();
    if (kept.length > 0 && copyMs > (began - lastAtMs) * COPY_SHARE) return;
    kept.splice(after, 0, { ...position, story: story.copy() });
    lastAtMs = clock();
    copyMs = lastAtMs - began;
    if (kept.length <= MOST_KEPT) return;
    kept = kept.filter((_, index) => index % 2 === 0);
    spacing *= 2;
  }

  return { offer, latest: (fits) => kept.findLast(fits) };
}
