/**
 * Rows on their way from a stream that comes as it likes to a reader that takes what there is. Bounded: while the
 * reader is behind, the stream is paused.
 */
import type { SourceRow } from './ndjson-source.ts';

/** Some 10 MB of rows. */
const MOST_WAITING = 50_000;

export interface RowQueue {
  readonly push: (rows: readonly SourceRow[]) => void;
  readonly end: () => void;
  /** Batches of all rows that wait, until the end. For one reader. */
  readonly rows: AsyncIterable<readonly SourceRow[]>;
}

/** What can be held up while the reader is behind. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

export function createRowQueue(stream: Pausable): RowQueue {
  let waiting: SourceRow[] = [];
  let isEnded = false;
  let isPaused = false;
  let wake: () => void = () => {};

  async function* batches(): AsyncGenerator<readonly SourceRow[]> {
    for (;;) {
      if (waiting.length > 0) {
        const batch = waiting;
        waiting = [];
        if (isPaused) stream.resume();
        isPaused = false;
        yield batch;
      } else if (isEnded) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }

  return {
    push(rows) {
      for (const row of rows) waiting.push(row);
      if (waiting.length > MOST_WAITING && !isPaused) {
        stream.pause();
        isPaused = true;
      }
      wake();
    },
    end() {
      isEnded = true;
      wake();
    },
    rows: batches(),
  };
}
