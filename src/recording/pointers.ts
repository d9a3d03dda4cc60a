/**
 * Renumbers kernel pointers in rows on their way to disk: a recording that is passed around must not tell where this
 * kernel keeps its objects (KASLR). Equal pointers get equal numbers, so a reader loses nothing. All else in a row
 * stays as bpftrace wrote it.
 */
import { findElements, type Span } from '../event/row.ts';
import { COMMON, ROW_KINDS, SCHEMA } from '../event/schema.ts';

/** Pointers remembered at most; the one that was not seen for longest goes first. */
const MOST_POINTERS = 1 << 20;

export interface PointerNumbers {
  readonly renumber: (row: string) => string;
  /** How many pointers were forgotten to stay bounded: if they come again they get a new number. */
  readonly forgotten: () => number;
}

interface Layout {
  readonly columns: number;
  readonly pointers: readonly number[];
  readonly stacks: readonly number[];
}

/** Element indexes (the kind is element 0) that hold kernel addresses, for each kind of row. */
const LAYOUTS: ReadonlyMap<string, Layout> = new Map(
  ROW_KINDS.map((kind) => {
    const columns = [...Object.entries(COMMON), ...Object.entries(SCHEMA[kind])];
    const indexes = (matches: (column: readonly [string, string]) => boolean) =>
      columns.flatMap((column, index) => (matches(column) ? [index + 1] : []));
    return [
      kind,
      {
        columns: columns.length,
        pointers: indexes(([, type]) => type === 'ptr'),
        stacks: indexes(([name]) => name === 'stack'),
      },
    ];
  }),
);

/** Creates a numbering that starts at 1; the null pointer stays 0. */
export function createPointerNumbers(most: number = MOST_POINTERS): PointerNumbers {
  const numbers = new Map<string, number>();
  let last = 0;
  let forgotten = 0;

  function numberOf(address: string): string {
    if (address === '0') return '0';
    const known = numbers.get(address);
    const number = known ?? ++last;
    // Setting it anew moves it to the young end of the Map's order.
    numbers.delete(address);
    numbers.set(address, number);
    const [oldest] = numbers.keys();
    if (numbers.size > most && oldest !== undefined) {
      numbers.delete(oldest);
      forgotten++;
    }
    return String(number);
  }

  function renumber(row: string): string {
    const spans = findElements(row);
    const layout = spans === null ? undefined : layoutOf(row, spans);
    if (spans === null || layout === undefined) return hideAddresses(row);
    let out = '';
    let copied = 0;
    for (const [index, span] of spans.entries()) {
      const replacement = replace(index, row.slice(span.start, span.end).trim(), layout);
      if (replacement === null) continue;
      out += row.slice(copied, span.start) + replacement;
      copied = span.end;
    }
    return out + row.slice(copied);
  }

  function replace(index: number, text: string, layout: Layout): string | null {
    if (layout.pointers.includes(index)) {
      const address = readAddress(text);
      return address === null ? '"?"' : numberOf(address);
    }
    if (layout.stacks.includes(index)) return text.replace(HEX_ADDRESS, '0x?');
    // A column of a newer probe may be anything.
    return index > layout.columns ? hideAddresses(text) : null;
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
  return digits === undefined ? null : BigInt.asIntN(64, BigInt(digits)).toString();
}

const HEX_ADDRESS = /\b0x[0-9a-f]{9,16}\b/gi;
/** Kernel addresses, signed (12 digits and more below zero) or unsigned; times since boot stay below 17 digits. */
const DECIMAL_ADDRESS = /-\d{12,}|\b\d{17,}/g;

/** For rows whose layout is not known: nothing in them that looks like a kernel address survives. */
function hideAddresses(text: string): string {
  return text.replace(HEX_ADDRESS, '0x?').replace(DECIMAL_ADDRESS, '0');
}
