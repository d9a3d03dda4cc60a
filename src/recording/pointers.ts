/**
 * Renumbers kernel pointers in rows on their way to disk: a recording that is passed around must not tell where this
 * kernel keeps its objects (KASLR). Equal pointers get equal numbers, so a reader loses nothing. All else in a row
 * stays as bpftrace wrote it.
 */
import { findElements, type Span } from '../event/row.ts';
import { COMMON, ROW_KINDS, SCHEMA } from '../event/schema.ts';

/** Pointers remembered at most; those that were not seen for longest go first. */
const MOST_POINTERS = 1 << 20;

export interface PointerNumbers {
  readonly renumber: (row: string) => string;
  /** How many pointers were forgotten to stay bounded: if they come again they get a new number. */
  readonly forgotten: () => number;
}

interface Layout {
  readonly columns: number;
  /** Element indexes (the kind is element 0) of columns that hold kernel addresses. */
  readonly delicate: ReadonlyMap<number, 'pointer' | 'stack'>;
}

const LAYOUTS: ReadonlyMap<string, Layout> = new Map(
  ROW_KINDS.map((kind) => {
    const columns = [...Object.entries(COMMON), ...Object.entries(SCHEMA[kind])];
    const delicate = new Map<number, 'pointer' | 'stack'>();
    for (const [index, [name, type]] of columns.entries()) {
      if (type === 'ptr') delicate.set(index + 1, 'pointer');
      else if (name === 'stack') delicate.set(index + 1, 'stack');
    }
    return [kind, { columns: columns.length, delicate }];
  }),
);

/** Creates a numbering that starts at 1; the null pointer stays 0. */
export function createPointerNumbers(most: number = MOST_POINTERS): PointerNumbers {
  // Two generations make a cheap memory of what was seen lately: when the young one is full, the old one is dropped.
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  let last = 0;
  let forgotten = 0;

  function numberOf(address: string): number {
    if (address === '0') return 0;
    const known = young.get(address);
    if (known !== undefined) return known;
    const number = old.get(address) ?? ++last;
    old.delete(address);
    if (young.size >= most / 2) {
      forgotten += old.size;
      old = young;
      young = new Map();
    }
    young.set(address, number);
    return number;
  }

  function renumber(row: string): string {
    const spans = findElements(row);
    const layout = spans === null ? undefined : layoutOf(row, spans);
    if (spans === null || layout === undefined) return hideAddresses(row);
    let out = '';
    let copied = 0;
    for (const [index, span] of spans.entries()) {
      if (!layout.delicate.has(index) && index <= layout.columns) continue;
      out += row.slice(copied, span.start) + replace(index, row.slice(span.start, span.end).trim(), layout);
      copied = span.end;
    }
    return out + row.slice(copied);
  }

  function replace(index: number, text: string, layout: Layout): string {
    switch (layout.delicate.get(index)) {
      case 'pointer': {
        const address = readAddress(text);
        return address === null ? '"?"' : String(numberOf(address));
      }
      case 'stack':
        return text.replace(HEX_ADDRESS, '0x?');
      default:
        // A column of a newer probe may be anything.
        return hideAddresses(text);
    }
  }

  return { renumber, forgotten: () => forgotten };
}

function layoutOf(row: string, spans: readonly Span[]): Layout | undefined {
  const kind = spans[0];
  return kind === undefined ? undefined : LAYOUTS.get(row.slice(kind.start, kind.end).trim().slice(1, -1));
}

/** One text for one address, however it was printed: signed or unsigned, bare or in quotes. */
function readAddress(text: string): string | null {
  const digits = /^"?(-?\d{1,20})"?$/.exec(text)?.[1];
  // Only the unsigned form of a kernel address has so many digits and no sign.
  if (digits === undefined || digits.length < 19 || digits.startsWith('-')) return digits ?? null;
  return BigInt.asIntN(64, BigInt(digits)).toString();
}

const HEX_ADDRESS = /\b0x[0-9a-f]{9,16}\b/gi;
/** Kernel addresses, signed (12 digits and more below zero) or unsigned; times since boot stay below 17 digits. */
const DECIMAL_ADDRESS = /-\d{12,}|\b\d{17,}/g;

/** For rows whose layout is not known: nothing in them that looks like a kernel address survives. */
function hideAddresses(text: string): string {
  return text.replace(HEX_ADDRESS, '0x?').replace(DECIMAL_ADDRESS, '0');
}
