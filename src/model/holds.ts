/** Finding and removing in the short lists that open files carry. */
import type { FdTable, Hold, OpenFile } from './state.ts';

/** A table's share in an open file. */
export function holdOf(file: OpenFile, table: FdTable): Hold | undefined {
  for (const hold of file.held) if (hold.table === table) return hold;
  return undefined;
}

/**
 * The list with one more item; the same list where it had some. Most of these lists never have a second item, and `push`
 * makes room for seventeen at once.
 */
export function addItem<Item>(list: Item[], item: Item): Item[] {
  if (list.length === 0) return [item];
  list.push(item);
  return list;
}

/** Takes one item out of a list, keeping the order of the others. */
export function removeItem<Item>(list: Item[], item: Item): void {
  const index = list.indexOf(item);
  if (index < 0) return;
  // What `splice` takes out it makes a list of.
  if (index === list.length - 1) list.pop();
  else list.splice(index, 1);
}
