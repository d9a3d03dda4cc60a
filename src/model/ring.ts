/**
 * A list of bounded length that forgets its oldest item when a new one comes. A Set would do, but finding the first
 * item of a Set whose first items were deleted takes time in proportion to those (V8 keeps their places).
 */
export interface Ring<Item> {
  readonly limit: number;
  readonly items: Item[];
  /** Where the oldest item is, once the ring is full. */
  next: number;
}

export function createRing<Item>(limit: number): Ring<Item> {
  return { limit, items: [], next: 0 };
}

/** Adds an item; returns the one that had to go, if any. */
export function pushRing<Item>(ring: Ring<Item>, item: Item): Item | undefined {
  if (ring.items.length < ring.limit) {
    ring.items.push(item);
    return undefined;
  }
  const oldest = ring.items[ring.next];
  ring.items[ring.next] = item;
  ring.next = (ring.next + 1) % ring.limit;
  return oldest;
}

/** The newest item; undefined where there is none. */
export function newestIn<Item>({ items, next }: Ring<Item>): Item | undefined {
  return items.at(next - 1);
}

const NOTHING: readonly never[] = [];

/**
 * What came after `seen`, which was the newest item once, oldest first: all that there is where `seen` is gone or there was
 * none. No item may come twice.
 */
export function pushedSince<Item>(ring: Ring<Item>, seen: Item | undefined): readonly Item[] {
  if (newestIn(ring) === seen) return NOTHING;
  const { items, next } = ring;
  const pushed: Item[] = [];
  for (let back = 1; back <= items.length; back += 1) {
    const item = items.at((next - back) % items.length);
    if (item === undefined || item === seen) break;
    pushed.push(item);
  }
  return pushed.reverse();
}
