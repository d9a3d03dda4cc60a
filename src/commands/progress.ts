/**
 * How far long work has come: one line on standard error that is written over and goes away at the end. Only where
 * somebody watches, and only when there is something to wait for: a script's log stays clean.
 */
import { formatCount } from '../base/text.ts';
import { formatDuration, NS_PER_MS } from '../base/time.ts';
import type { EventBatchSource } from '../event/stream.ts';

/** Work that takes less says nothing; then the line changes so often. */
const FIRST_MS = 700;
const NEXT_MS = 250;
/** Nothing can be said about the rest before so much is done. */
const LEAST_SHARE = 0.01;

const CLEAR_LINE = '\r\x1b[K';

/** Where progress is told, and the clock that it goes by. */
export interface ProgressPlace {
  readonly isWatched: boolean;
  readonly write: (text: string) => void;
  readonly nowMs: () => number;
}

export const STANDARD_ERROR: ProgressPlace = {
  isWatched: process.stderr.isTTY === true,
  write: (text) => process.stderr.write(text),
  nowMs: () => performance.now(),
};

export interface Progress {
  /** So many more rows are done; `share` of the whole, 0 to 1, null where that is not known. */
  readonly add: (rows: number, share: number | null) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

/** Begins to tell. `doing` is what is done, as in "reading". */
export function createProgress(doing: string, place: ProgressPlace = STANDARD_ERROR): Progress {
  const startMs = place.nowMs();
  let rows = 0;
  let saidMs: number | null = null;

  function add(more: number, share: number | null): void {
    rows += more;
    if (!place.isWatched) return;
    const nowMs = place.nowMs();
    if (nowMs - (saidMs ?? startMs) < (saidMs === null ? FIRST_MS : NEXT_MS)) return;
    saidMs = nowMs;
    place.write(`${CLEAR_LINE}whopins: ${progressText(doing, rows, nowMs - startMs, share)}`);
  }

  function end(): void {
    if (saidMs !== null) place.write(CLEAR_LINE);
    saidMs = null;
  }

  return { add, end };
}

/** "reading: 1,200,000 rows, 400,000 rows/s, 34 %, 6.0 s left". */
export function progressText(doing: string, rows: number, ms: number, share: number | null): string {
  const speed = `${formatCount(rows)} rows, ${formatCount(Math.round((rows * 1000) / Math.max(ms, 1)))} rows/s`;
  if (share === null || share < LEAST_SHARE) return `${doing}: ${speed}`;
  const percent = `${Math.floor(Math.min(share, 1) * 100)} %`;
  const left = formatDuration((ms / share - ms) * NS_PER_MS);
  return `${doing}: ${speed}, ${percent}, ${left} left`;
}

/** The same source, whose reading is told as progress. */
export function followProgress(
  source: EventBatchSource,
  doing: string,
  place?: ProgressPlace,
): EventBatchSource {
  async function* batches() {
    const progress = createProgress(doing, place);
    try {
      for await (const events of source.batches) {
        yield events;
        progress.add(events.length, source.share?.() ?? null);
      }
    } finally {
      progress.end();
    }
  }
  return { ...source, batches: { [Symbol.asyncIterator]: batches } };
}
