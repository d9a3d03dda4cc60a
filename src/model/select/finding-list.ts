/** The findings of all files in order, kept up as files are looked at. */
import type { Finding } from '../answer.ts';
import { createOrdered, type Order, type Placed } from './ordered.ts';

export interface FindingList {
  /** These were found about a file, and those are now. */
  readonly replace: (before: readonly Finding[], now: readonly Finding[]) => void;
  /** All of them; the same list as before while none has changed. */
  readonly all: () => readonly Finding[];
}

interface Found extends Placed<Found> {
  readonly finding: Finding;
}

/** An empty list. */
export function createFindingList(order: Order<Finding>): FindingList {
  const places = new Map<Finding, Found>();
  const ordered = createOrdered<Found>((one, other) => order(one.finding, other.finding));
  let listed: readonly Finding[] | null = null;

  function remove(finding: Finding): void {
    const place = places.get(finding);
    if (place === undefined) return;
    places.delete(finding);
    ordered.remove(place);
    listed = null;
  }

  function add(finding: Finding): void {
    if (places.has(finding)) return;
    const place = { finding, piece: null };
    places.set(finding, place);
    ordered.add(place);
    listed = null;
  }

  return {
    replace(before, now) {
      const stays = new Set(now);
      for (const finding of before) if (!stays.has(finding)) remove(finding);
      for (const finding of now) add(finding);
    },
    all() {
      listed ??= ordered.all().map(({ finding }) => finding);
      return listed;
    },
  };
}
