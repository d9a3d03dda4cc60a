/**
 * Rows wait here while the walk looks at the kernel's objects, so that what it found comes before what happened since.
 * Bounded: when too many wait they are let through, and the walk's rows come after them.
 */
import type { SourceRow } from './ndjson-source.ts';
import type { RowQueue } from './row-queue.ts';

/** Some 60 MB of rows: a second of a flood, or minutes of a busy host. */
const MOST_HELD = 100_000;

export interface RowGate {
  readonly push: (rows: readonly SourceRow[]) => void;
  /** No more rows come. */
  readonly end: () => void;
  readonly hasEnded: () => boolean;
  /** Holds rows back from now on. */
  readonly close: () => void;
  /** Lets the rows go on: those that `before` returns, then all that waited. It is told how many went ahead of them. */
  readonly open: (before: (wentAhead: number) => readonly SourceRow[]) => void;
}

/** Creates an open gate in front of a queue. */
export function createRowGate(queue: Pick<RowQueue, 'push' | 'end'>, mostHeld: number = MOST_HELD): RowGate {
  let isClosed = false;
  let hasEnded = false;
  let held: SourceRow[] = [];
  let wentAhead = 0;

  function push(rows: readonly SourceRow[]): void {
    if (!isClosed) {
      queue.push(rows);
    } else if (wentAhead === 0 && held.length + rows.length <= mostHeld) {
      for (const row of rows) held.push(row);
    } else {
      wentAhead += held.length + rows.length;
      queue.push(held);
      queue.push(rows);
      held = [];
    }
  }

  return {
    push,
    end() {
      hasEnded = true;
      if (!isClosed) queue.end();
    },
    hasEnded: () => hasEnded,
    close() {
      isClosed = true;
      wentAhead = 0;
    },
    open(before) {
      queue.push(before(wentAhead));
      queue.push(held);
      held = [];
      isClosed = false;
      if (hasEnded) queue.end();
    },
  };
}
