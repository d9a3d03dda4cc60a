/**
 * Open files as the walk comes to know them: at a descriptor, or hidden inside another object (a socket's queue, a
 * ring's table, a mapping). Hidden ones are visited at descriptors of our own.
 */
import { type HiddenFile, ROUNDS } from './compose.ts';
import type { Place, PlaceOf } from './owners.ts';
import { MOST_VISITS, type Placeholders } from './placeholders.ts';
import type { Printed } from './printed.ts';

/** How an object keeps an open file: the `how` column of walk.kept. */
export const KEPT_HOW = { queue: 1, ring: 2, mapping: 3 } as const;

/** An open file found inside another object. */
export interface Kept {
  /** Who maps it, for a mapping; else 0. */
  readonly pid: string;
  /** What the files that lead to the keeper have as private_data; 0 for a mapping. */
  readonly keeper: string;
  readonly how: (typeof KEPT_HOW)[keyof typeof KEPT_HOW];
  readonly file: string;
  readonly object: string;
  readonly dev: string;
  readonly ino: string;
  readonly mode: string;
}

/** Something to visit by our own descriptors. */
export interface Hideout {
  readonly file: string;
  readonly object: string;
  readonly inner?: string;
  /** How many entries it may have. */
  readonly entries: number;
}

export interface Visits {
  readonly hidden: readonly HiddenFile[];
  readonly placeOf: PlaceOf;
}

/** Where the program's visits lead: to the descriptors that were found, and to `hideouts` at descriptors of our own. */
export function planVisits(
  opened: ReadonlyMap<string, Printed<'open'>>,
  hideouts: readonly Hideout[],
  placeholders: Placeholders,
): Visits {
  const own = new Map<string, Place>();
  const hidden: HiddenFile[] = [];
  let left = MOST_VISITS;
  for (const { file, object, inner, entries } of hideouts) {
    // An entry takes a round; a few more go to what stands between.
    const wanted = Math.ceil((entries + 8) / (ROUNDS - 8));
    const visits = Math.min(left, wanted);
    placeholders.refused += wanted - visits;
    if (visits === 0) continue;
    left -= visits;
    const fd = placeholders.take(visits);
    const group = inner === undefined ? file : `${file} ${inner}`;
    for (let n = 0; n < visits; n++) {
      own.set(
        `${process.pid}:${fd + n}`,
        inner === undefined ? { file, object, group, visits } : { file, object, inner, group, visits },
      );
    }
    const placeholder = { pid: process.pid, fd, visits };
    hidden.push(inner === undefined ? { file, placeholder } : { file, inner, placeholder });
  }
  return {
    hidden,
    placeOf({ pid, fd }) {
      const key = `${pid}:${fd}`;
      const mine = own.get(key);
      if (mine !== undefined) return mine;
      const found = opened.get(key);
      return found === undefined ? null : { file: found.file, object: found.object, group: key, visits: 1 };
    },
  };
}
