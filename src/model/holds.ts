/** Finding and removing in the short lists that open files carry. */
import type { FdTable, Hold, OpenFile } from './state.ts';

/** A table's share in an open file. */
export function holdOf(file: OpenFile, table: FdTable): Hold | undefined {
  for (const hold of file.held) if (hold.table === table) return hold;
  return undefined;
}

/** Takes one item out of a list, keeping the order of the others. */
export function removeItem<Item>(list: Item[], item: Item): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
