/**
 * Writes a row the way bpftrace would have printed it. The walk's findings enter recordings and streams in this form,
 * so that from here on they are rows like all others.
 */
import { type APPENDED, COMMON, type RowKind, SCHEMA, valuesOfAbsent } from './schema.ts';

/** A column's value as bpftrace prints it: integers also as text, where a double would round them; devices as dev_t. */
export type RawValue = number | string;

/** The columns of a kind that a row may leave out. */
type Appended<K extends RowKind> = K extends keyof typeof APPENDED ? keyof (typeof APPENDED)[K] : never;

/** The values of one row by column name, common columns included; the order is the schema's. */
export type RawRow<K extends RowKind = RowKind> = K extends RowKind
  ? { readonly kind: K } & { readonly [N in keyof typeof COMMON]: RawValue } & {
      readonly [N in Exclude<keyof (typeof SCHEMA)[K], Appended<K>>]: RawValue;
    } & { readonly [N in Appended<K>]?: RawValue }
  : never;

const NAMES: ReadonlyMap<RowKind, readonly string[]> = new Map(
  Object.entries(SCHEMA).map(([kind, columns]) => [
    kind as RowKind,
    [...Object.keys(COMMON), ...Object.keys(columns)],
  ]),
);

/** One line, without its newline. */
export function encodeRow(row: RawRow): string {
  const values: Readonly<Record<string, RawValue>> = row;
  const names = NAMES.get(row.kind) ?? [];
  const absent = valuesOfAbsent(row.kind);
  const texts = [row.kind, ...names.map((name) => values[name] ?? absent[name] ?? 0)].map((value) =>
    JSON.stringify(value),
  );
  return `{"type": "value", "data": [${texts.join(', ')}]}`;
}
