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

/** Where the newest item is; -1 where there is none. */
export function newestPlace({ items, next }: Ring<unknown>): number {
  return next === 0 ? items.length - 1 : next - 1;
}
