/** Files in one order, kept up as they change. On a busy host thousands change between two pictures. */
import type { InodeKey } from '../../event/event.ts';
import type { FileSummary } from '../answer.ts';
import { createOrdered, type Order, type Placed } from './ordered.ts';

/** The order of files: `rank` says most of it in one number, lower first, since it is compared all the time. */
export interface FileOrder {
  readonly rank: (file: FileSummary) => number;
  /** For files of the same rank. */
  readonly compareTies: Order<FileSummary>;
}

/**
 * Files in the order of one moment, each as it is told of by now. Only what is asked for is looked at: a picture shows
 * forty of ten thousand.
 */
export interface OrderedFiles {
  readonly length: number;
  /** Undefined where there is none. */
  readonly at: (index: number) => FileSummary | undefined;
  /** -1 where it is none of them. */
  readonly indexOf: (key: InodeKey) => number;
}

export interface Ranking {
  /** The file is new, or this is what is told of it now. */
  readonly put: (file: FileSummary) => void;
  readonly drop: (key: InodeKey) => void;
  /** All files; the same list as before while none has come, gone or moved. */
  readonly files: () => OrderedFiles;
  /** Those that are in it now and have not gone until they are reached, in the order of now, each as it is told then. */
  readonly now: () => Iterable<FileSummary>;
}

interface Place extends Placed<Place> {
  file: FileSummary;
  rank: number;
}

/** A ranking of no files. */
export function createRanking({ rank, compareTies }: FileOrder): Ranking {
  const places = new Map<InodeKey, Place>();
  const ordered = createOrdered<Place>(
    (one, other) => one.rank - other.rank || compareTies(one.file, other.file),
  );
  let listed: OrderedFiles | null = null;

  function put(file: FileSummary): void {
    const newRank = rank(file);
    const known = places.get(file.key);
    if (known === undefined) {
      const place = { file, rank: newRank, piece: null };
      places.set(file.key, place);
      ordered.add(place);
      listed = null;
      return;
    }
    // Most changes do not change the place.
    if (known.rank === newRank && compareTies(known.file, file) === 0) {
      known.file = file;
      return;
    }
    ordered.remove(known);
    known.file = file;
    known.rank = newRank;
    ordered.add(known);
    listed = null;
  }

  function drop(key: InodeKey): void {
    const known = places.get(key);
    if (known === undefined) return;
    places.delete(key);
    ordered.remove(known);
    listed = null;
  }

  function files(): OrderedFiles {
    listed ??= listOf(ordered.all(), places);
    return listed;
  }

  function* now(): Generator<FileSummary> {
    for (const place of ordered.all()) if (place.piece !== null) yield place.file;
  }

  return { put, drop, files, now };
}

function listOf(places: readonly Place[], byKey: ReadonlyMap<InodeKey, Place>): OrderedFiles {
  return {
    length: places.length,
    at: (index) => places[index]?.file,
    indexOf(key) {
      const place = byKey.get(key);
      return place === undefined ? -1 : places.indexOf(place);
    },
  };
}
