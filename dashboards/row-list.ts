/**
 * Rows that are made when somebody looks at them: of ten thousand files or twenty thousand events a picture shows forty,
 * and ten pictures are made in a second.
 */

export interface RowList<Row, Id> {
  readonly length: number;
  /** False where more may follow: a filter has not looked through all yet. */
  readonly isWhole: boolean;
  /** Undefined where there is none, below 0 as well. */
  readonly at: (index: number) => Row | undefined;
  /** Those from `from` up to, not including, `to`; to the end where that is left out. */
  readonly slice: (from: number, to?: number) => readonly Row[];
  /** -1 where no row is this. */
  readonly indexOf: (id: Id) => number;
}

/** What rows are made from; all is asked only for indexes from 0 up to, not including, `length`. */
interface RowSource<Row, Id> {
  readonly length: number;
  readonly rowAt: (index: number) => Row | undefined;
  /** -1 where no row is this. */
  readonly find: (id: Id) => number;
}

export function rowList<Row, Id>({ length, rowAt, find }: RowSource<Row, Id>): RowList<Row, Id> {
  /** The chosen row is asked for several times while a picture is made. */
  let found: { readonly id: Id; readonly index: number } | null = null;

  return {
    length,
    isWhole: true,
    at: (index) => (index >= 0 && index < length ? rowAt(index) : undefined),
    slice(from, to = length) {
      const rows: Row[] = [];
      for (let index = Math.max(0, from); index < Math.min(to, length); index += 1) {
        const row = rowAt(index);
        if (row !== undefined) rows.push(row);
      }
      return rows;
    },
    indexOf(id) {
      if (found?.id !== id) found = { id, index: find(id) };
      return found.index;
    },
  };
}
