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

/** So many wait for their place at most: a list that nobody looks at now may be looked at again, and none is sorted at once. */
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
  const sorted: Place[] = [];
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
    if (moved.length > MOST_MOVED) settle();
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
    insert(sorted, placed, compare);
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

/**
 * Places those that moved, which are in order already, among the others: from the last one on, so that every other moves to
 * its new place once. Most need not even be looked at.
 */
function insert(sorted: Place[], placed: readonly Place[], order: Order<Place>): void {
  let end = dropMoved(sorted);
  let to = end + placed.length;
  for (const place of placed) sorted.push(place);
  for (let next = placed.length - 1; next >= 0; next -= 1) {
    const place = placed[next];
    if (place === undefined) continue;
    const from = placeOf(place, sorted, end, order);
    while (end > from) moveTo(sorted, --end, --to);
    to -= 1;
    sorted[to] = place;
  }
}

/** Closes the gaps of those that moved; returns how many are left. */
function dropMoved(sorted: Place[]): number {
  let kept = 0;
  for (const place of sorted) if (!place.isMoved) sorted[kept++] = place;
  sorted.length = kept;
  return kept;
}

function moveTo(places: Place[], from: number, to: number): void {
  const place = places[from];
  if (place !== undefined) places[to] = place;
}

/** The index before `end` from which on all come after it: looked for from the end in growing steps, as it is mostly near. */
function placeOf(place: Place, sorted: readonly Place[], end: number, order: Order<Place>): number {
  const isAfter = (index: number): boolean => {
    const other = sorted[index];
    return other !== undefined && order(other, place) > 0;
  };
  let high = end;
  let step = 1;
  while (high >= step && isAfter(high - step)) {
    high -= step;
    step *= 2;
  }
  let low = Math.max(0, high - step);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAfter(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
