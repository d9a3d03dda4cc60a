/**
 * Descriptors of our own for the walk to visit: an iterator visits open descriptors only, and what hides behind none
 * (a file in a socket's queue, the rest of a large object) is looked into while it visits one of these.
 */
import { closeSync, openSync } from 'node:fs';

/** More visits than this are not asked for: what is left then is said. */
export const MOST_VISITS = 400;

export interface Placeholders {
  /** The first of `visits` descriptors whose numbers follow each other. */
  readonly take: (visits: number) => number;
  /** Visits that were asked for beyond what a walk may have. */
  refused: number;
  readonly close: () => void;
}

/** Opens descriptors of /dev/null as they are asked for. */
export function openPlaceholders(): Placeholders {
  const opened: number[] = [];
  return {
    refused: 0,
    take(visits) {
      // The lowest free numbers come first, so that holes are filled and then the numbers follow each other.
      for (let row: number[] = []; ; ) {
        const fd = openSync('/dev/null', 'r');
        opened.push(fd);
        row = row.at(-1) === fd - 1 ? [...row, fd] : [fd];
        if (row.length === visits) return row[0] ?? fd;
      }
    },
    close() {
      for (const fd of opened.splice(0)) closeSync(fd);
    },
  };
}
