/**
 * Rows on their way from a stream that comes as it likes to a reader that takes what there is. Bounded: while the
 * reader is behind, the stream is paused; and no turn of the event loop is taken up by reading, however much has come,
 * because keys and frames wait for its end.
 */
import type { SourceRow } from './ndjson-source.ts';

/** Some 10 MB of rows. */
const MOST_WAITING = 50_000;
/** Rows that a reader gets at once: a few milliseconds of its work. */
const MOST_AT_ONCE = 1024;
/** After so many rows the stream pauses until the next turn: a full pipe would otherwise be read up to 32 times in one. */
const ENOUGH_FOR_A_TURN = 500;

export interface RowQueue {
  readonly push: (rows: readonly SourceRow[]) => void;
  readonly end: () => void;
  /**
   * All rows in batches, until the end. For one reader; after one that leaves before the end, rows are dropped: bpftrace
   * could not print its last ones and end while nobody reads.
   */
  readonly rows: AsyncIterable<readonly SourceRow[]>;
}

/** What can be held up while the reader is behind. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** Creates an empty queue behind a stream that flows. */
export function createRowQueue(stream: Pausable): RowQueue {
  const batches: (readonly SourceRow[])[] = [];
  let waiting = 0;
  let inTurn = 0;
  let isEnded = false;
  let isPaused = false;
  let isLeft = false;
  let wake: () => void = () => {};

  async function* read(): AsyncGenerator<readonly SourceRow[]> {
    try {
      for (;;) {
        const batch = takeBatch();
        if (batch !== undefined) {
          yield batch;
        } else if (isEnded) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      leave();
    }
  }

  function leave(): void {
    isLeft = true;
    batches.length = 0;
    waiting = 0;
    goOn();
  }

  function takeBatch(): readonly SourceRow[] | undefined {
    const batch = batches.shift();
    waiting -= batch?.length ?? 0;
    goOn();
    return batch;
  }

  function add(rows: readonly SourceRow[]): void {
    if (isLeft) return;
    for (let from = 0; from < rows.length; from += MOST_AT_ONCE) {
      batches.push(rows.length <= MOST_AT_ONCE ? rows : rows.slice(from, from + MOST_AT_ONCE));
    }
    waiting += rows.length;
  }

  function pauseIfFull(read: number): void {
    if (inTurn === 0 && read > 0) setImmediate(endTurn);
    inTurn += read;
    if (isPaused || (waiting <= MOST_WAITING && inTurn < ENOUGH_FOR_A_TURN)) return;
    stream.pause();
    isPaused = true;
  }

  function endTurn(): void {
    inTurn = 0;
    goOn();
  }

  function goOn(): void {
    if (!isPaused || waiting > MOST_WAITING / 2 || inTurn >= ENOUGH_FOR_A_TURN) return;
    isPaused = false;
    stream.resume();
  }

  return {
    push(rows) {
      add(rows);
      pauseIfFull(rows.length);
      wake();
    },
    end() {
      isEnded = true;
      wake();
    },
    rows: read(),
  };
}
