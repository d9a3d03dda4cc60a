/**
 * The archive of findings by file, kept up as it grows: it is asked for hundreds of files for each picture, and on a busy
 * host grows with every one of them.
 */
import type { InodeKey } from '../../event/event.ts';
import type { Model, Tally } from '../state.ts';

/** What is told of a finding that was archived already (how often it was found) may be from so many looks ago. */
const REREAD_EVERY = 2000;

export interface ArchiveIndex {
  /** Takes in what was archived since; `looks`: how many files will be asked for until the next time. */
  readonly refresh: (looks: number) => void;
  /** What is remembered about a file; the same list as before where nothing new is. */
  readonly about: (key: InodeKey) => readonly Tally[];
}

/** An index that has read nothing yet. */
export function createArchiveIndex({ archive }: Pick<Model, 'archive'>): ArchiveIndex {
  let byFile = new Map<InodeKey, readonly Tally[]>();
  /** New findings come last, and none is ever taken out: it goes on where it was. */
  let unread = archive.values();
  let read = 0;
  let looksSince = 0;

  function refresh(looks: number): void {
    looksSince += looks;
    if (looksSince >= REREAD_EVERY || archive.size < read) startAnew();
    for (; read < archive.size; read += 1) {
      const { value, done } = unread.next();
      if (done === true) return;
      byFile.set(value.inode, [...(byFile.get(value.inode) ?? []), value]);
    }
  }

  function startAnew(): void {
    byFile = new Map();
    unread = archive.values();
    read = 0;
    looksSince = 0;
  }

  return { refresh, about: (key) => byFile.get(key) ?? NO_TALLIES };
}

const NO_TALLIES: readonly Tally[] = [];
