/**
 * One list of files in one order: all of them, or those that a filter lets through. It is filled a piece at a time, then
 * kept up as files change: to look through ten thousand for each picture takes longer than all the rest of it.
 */
import type { InodeKey } from '../../event/event.ts';
import type { FileSummary } from '../answer.ts';
import { createRanking, type FileOrder, type OrderedFiles } from './ranking.ts';

export interface FileFilter {
  /** What it looks for. What has a text has each part of it too, and filters of the same text let through the same. */
  readonly text: string;
  readonly has: (file: FileSummary) => boolean;
}

export interface Listing {
  /** The file is new, or this is what is told of it now. */
  readonly put: (file: FileSummary) => void;
  readonly drop: (key: InodeKey) => void;
  /** Looks at `most` of the files that may still be missing. */
  readonly fill: (most: number) => void;
  /** Whether none is missing. */
  readonly isWhole: () => boolean;
  /** Those that it has by now, in order. */
  readonly files: () => OrderedFiles;
  /** The same, but those that go until they are reached, each as it is told then. */
  readonly now: () => Iterable<FileSummary>;
  /** From now on this one is asked: of the same text, with a fresh memory of what processes are called. */
  readonly renew: (filter: FileFilter) => void;
}

/** A list of what `all` gives, and of what is put into it. What `all` gives first is listed first while it is being filled. */
export function createListing(
  order: FileOrder,
  filter: FileFilter | null,
  all: Iterable<FileSummary>,
): Listing {
  const ranking = createRanking(order);
  let asked = filter;
  /** Those that may still be missing; null: none is. */
  let rest: Iterator<FileSummary> | null = all[Symbol.iterator]();

  function put(file: FileSummary): void {
    if (asked === null || asked.has(file)) ranking.put(file);
    else ranking.drop(file.key);
  }

  function fill(most: number): void {
    for (let taken = 0; rest !== null && taken < most; taken += 1) {
      const next = rest.next();
      if (next.done === true) rest = null;
      else put(next.value);
    }
  }

  return {
    put,
    drop: ranking.drop,
    fill,
    isWhole: () => rest === null,
    files: ranking.files,
    now: ranking.now,
    renew(other) {
      asked = other;
    },
  };
}
