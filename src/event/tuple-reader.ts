/**
 * Writes and compiles one function for each kind of row, which makes the event from the row's parsed tuple. As in
 * row-reader.ts, the text of these functions holds nothing but the names of schema.ts, and the reason is the same: an
 * object that is filled column by column is made anew with every few columns, and all of that is garbage at once.
 */
import { COLUMN_READERS, readTimestamp } from './column.ts';
import type { RowEvent } from './event.ts';
import { COMMON, type ColumnType, type RowKind, SCHEMA, valuesOfAbsent } from './schema.ts';

/** Makes the event; where a column is not readable, its name comes back. */
export type TupleReader = (tuple: readonly unknown[]) => RowEvent | string;

export interface TupleLayout {
  /** Values that the tuple has at least, its kind among them. */
  readonly shortest: number;
  /** And where it lacks none. */
  readonly whole: number;
  readonly read: TupleReader;
}

/** How rows of a kind are read. More columns than known are a newer probe's: fine. */
export function compileTuple(kind: RowKind): TupleLayout {
  const columns = Object.entries<ColumnType>({ ...COMMON, ...SCHEMA[kind] });
  const absent = valuesOfAbsent(kind);
  const reads = columns.map(([name, type], index) => {
    const reader = name === 'ts' ? 'readTimestamp' : `columns.${type}`;
    const value = `${reader}(tuple[${index + 1}])`;
    return `
      const $${name} = ${name in absent ? `tuple.length > ${index + 1} ? ${value} : absent.${name}` : value};
      if ($${name} === undefined) return '${name}';`;
  });
  const make = new Function(
    'readTimestamp',
    'columns',
    'absent',
    `return (tuple) => {
      ${reads.join('')}
      return { kind: '${kind}', ${columns.map(([name]) => `${name}: $${name}`).join(', ')} };
    };`,
  );
  return {
    shortest: columns.length + 1 - Object.keys(absent).length,
    whole: columns.length + 1,
    // The one place where the table's promise becomes a type: every column was read by the reader of its type.
    read: make(readTimestamp, COLUMN_READERS, absent) as TupleReader,
  };
}
