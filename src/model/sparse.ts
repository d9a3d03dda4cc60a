/**
 * Sets and Maps that are empty in nearly all of thousands of entities: a file that nobody leases, a process without a
 * descriptor. An empty Set of its own takes as much memory as the fields of its entity, and a node in a checkpoint. So
 * the empty ones are one and the same, and whoever changes such a collection puts back what he is given:
 *
 *   inode.pins = withItem(inode.pins, pin);
 *
 * An empty collection is never added to, whichever it is: copies of a model and checkpoints share one of their own.
 */

const NO_ITEMS: ReadonlySet<never> = new Set<never>();
const NO_ENTRIES: ReadonlyMap<never, never> = new Map<never, never>();

/** The Set without items. */
export function noItems<Item>(): ReadonlySet<Item> {
  return NO_ITEMS;
}

/** The Map without entries. */
export function noEntries<Key, Value>(): ReadonlyMap<Key, Value> {
  return NO_ENTRIES as ReadonlyMap<Key, Value>;
}

/** The same Set with one item more, or a new one in the place of an empty one. */
export function withItem<Item>(set: ReadonlySet<Item>, item: Item): ReadonlySet<Item> {
  const own = set.size === 0 ? new Set<Item>() : (set as Set<Item>);
  return own.add(item);
}

/** The same Set without the item, or the empty one when none is left. */
export function withoutItem<Item>(set: ReadonlySet<Item>, item: Item): ReadonlySet<Item> {
  if (set.size === 0) return set;
  (set as Set<Item>).delete(item);
  return set.size === 0 ? NO_ITEMS : set;
}

/** The same Map with this entry, or a new one in the place of an empty one. */
export function withEntry<Key, Value>(
  map: ReadonlyMap<Key, Value>,
  key: Key,
  value: Value,
): ReadonlyMap<Key, Value> {
  const own = map.size === 0 ? new Map<Key, Value>() : (map as Map<Key, Value>);
  return own.set(key, value);
}

/** The same Map without this key, or the empty one when no entry is left. */
export function withoutKey<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  if (map.size === 0) return map;
  (map as Map<Key, Value>).delete(key);
  return map.size === 0 ? noEntries() : map;
}
