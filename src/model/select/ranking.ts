/**
 * Files in one order, kept up as they change: only those whose place may have changed are sorted again. On a busy host
 * ten thousand files are listed ten times a second, and a few hundred of them have changed since the last time.
 */
import type { FileSummary } from '../answer.ts';
import type { Inode } from '../state.ts';

/** Which of two comes first: below 0 the first one. */
export type Order<Item> = (one: Item, other: Item) => number;

/** The order of files: `rank` says most of it in one number, lower first, since ten thousand are compared for a picture. */
export interface FileOrder {
  readonly rank: (file: FileSummary) => number;
  /** For files of the same rank. */
  readonly compareTies: Order<FileSummary>;
}

/** So many wait for their place at most: a list that nobody looks at now may be looked at again. */
const MOST_MOVED = 1024;

export interface Ranking {
  /** The file is new, or this is what is told of it now. */
  readonly put: (inode: Inode, file: FileSummary) => void;
  readonly drop: (inode: Inode) => void;
  /** All files in order; the same list as before while none has changed. */
  readonly files: () => readonly FileSummary[];
}

interface Place {
  file: FileSummary;
  rank: number;
  /** Where it belongs is not known yet, or not any more. */
  isMoved: boolean;
  isGone: boolean;
}

/** A ranking of no files. */
export function createRanking({ rank, compareTies }: FileOrder): Ranking {
  const places = new Map<Inode, Place>();
  /** In order, but for those that moved. */
  let sorted: readonly Place[] = [];
  let moved: Place[] = [];
  let listed: readonly FileSummary[] = [];
  let isListOld = false;

  function compare(one: Place, other: Place): number {
    return one.rank - other.rank || compareTies(one.file, other.file);
  }

  function move(place: Place): void {
    if (place.isMoved) return;
    place.isMoved = true;
    moved.push(place);
  }

  function put(inode: Inode, file: FileSummary): void {
    isListOld = true;
    if (moved.length > MOST_MOVED && sorted.length > 0) settle();
    const newRank = rank(file);
    const known = places.get(inode);
    if (known === undefined) {
      const place = { file, rank: newRank, isMoved: true, isGone: false };
      places.set(inode, place);
      moved.push(place);
      return;
    }
    // Most changes do not change the place: what is sorted already need not be sorted again.
    if (known.rank !== newRank || compareTies(known.file, file) !== 0) move(known);
    known.file = file;
    known.rank = newRank;
  }

  function drop(inode: Inode): void {
    const known = places.get(inode);
    if (known === undefined) return;
    places.delete(inode);
    known.isGone = true;
    move(known);
    isListOld = true;
  }

  function settle(): void {
    if (moved.length === 0) return;
    const placed = moved.filter(({ isGone }) => !isGone).sort(compare);
    sorted = insert(sorted, placed, compare);
    for (const place of moved) place.isMoved = false;
    moved = [];
  }

  function files(): readonly FileSummary[] {
    if (!isListOld) return listed;
    isListOld = false;
    settle();
    listed = sorted.map(({ file }) => file);
    return listed;
  }

  return { put, drop, files };
}

/** Places those that moved, which are in order already, among the others: most of these need not even be looked at. */
function insert(sorted: readonly Place[], placed: readonly Place[], order: Order<Place>): readonly Place[] {
  const kept = sorted.filter(({ isMoved }) => !isMoved);
  const merged: Place[] = [];
  let next = 0;
  for (const place of placed) {
    const until = upperBound(kept, next, (other) => order(other, place) <= 0);
    for (const other of kept.slice(next, until)) merged.push(other);
    merged.push(place);
    next = until;
  }
  for (const other of kept.slice(next)) merged.push(other);
  return merged;
}

/** The index from `from` on of the first for which it is not so; all before it are. */
function upperBound<Item>(items: readonly Item[], from: number, isSo: (item: Item) => boolean): number {
  let low = from;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && isSo(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
