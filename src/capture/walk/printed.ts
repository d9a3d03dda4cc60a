/**
 * What the walk's programs print: lines like `["pages",423,3,-59075390666501376,…]`, a tag and then integers. The headers
 * of probes/walk/*.bt repeat this table (`// @print tag: columns`), and a test holds the two together.
 */
export const PRINTS = {
  open: ['pid', 'fd', 'file', 'object', 'inode', 'dev', 'ino', 'mode', 'what', 'ns'],
  ring: ['pid', 'fd', 'file', 'object', 'inode', 'dev', 'ino', 'mode'],
  kept: ['pid', 'fd', 'keeper', 'file', 'object', 'inode', 'dev', 'ino', 'mode', 'extra'],
  queue: ['pid', 'fd', 'keeper', 'inflight', 'listening'],
  embryo: ['pid', 'fd', 'keeper', 'sk'],
  lease: ['pid', 'fd', 'lease', 'file', 'owner', 'dev', 'ino', 'flags', 'type', 'recorded', 'left'],
  owner: ['pid', 'fd', 'owner', 'entries', 'address', 'bytes'],
  pages: ['pid', 'fd', 'owner', 'page', 'frame', 'dev', 'ino', 'index', 'pages', 'bytes', 'mapping'],
  rest: ['pid', 'fd'],
  region: [
    'pid',
    'fd',
    'mr',
    'owner',
    'driver',
    'taker',
    'gone',
    'comm1',
    'comm2',
    'address',
    'bytes',
    'write',
  ],
  mapping: ['pid', 'fd', 'dma', 'taker', 'gone', 'comm1', 'comm2', 'address', 'iova', 'bytes', 'write'],
  device: ['pid', 'fd', 'mr', 'name1', 'name2', 'name3'],
  waiter: ['pid', 'tid', 'page', 'dev', 'ino', 'index', 'references', 'bare'],
  name: ['pid', 'fd', 'dev', 'ino', 'depth', 'at', 'text1', 'text2', 'text3', 'text4'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Tag = keyof typeof PRINTS;

/** One printed line. Values stay text: kernel addresses do not fit into a double. */
export type Printed<T extends Tag = Tag> = T extends Tag
  ? { readonly tag: T } & { readonly [Column in (typeof PRINTS)[T][number]]: string }
  : never;

/** Reads one line; null for what bpftrace itself prints, and for a line that was cut. */
export function readPrinted(line: string): Printed | null {
  const [, tag = '', values = ''] = /^\["(\w+)"((?:,-?\d+)*)\]$/.exec(line) ?? [];
  if (!isTag(tag)) return null;
  const columns = PRINTS[tag];
  const texts = values.split(',').slice(1);
  if (texts.length !== columns.length) return null;
  const printed: Record<string, string> = { tag };
  for (const [index, column] of columns.entries()) printed[column] = texts[index] ?? '';
  // The table's promise becomes a type here: every column of this tag was read.
  return printed as unknown as Printed;
}

/** Those with one tag. */
export function withTag<T extends Tag>(all: readonly Printed[], tag: T): readonly Printed<T>[] {
  return all.filter((printed): printed is Printed<T> => printed.tag === tag);
}

/** A short text that was printed as little-endian numbers of 8 bytes; it ends at its first zero. */
export function readText(...numbers: readonly string[]): string {
  const bytes = Buffer.alloc(numbers.length * 8);
  for (const [index, number] of numbers.entries()) {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(number)), index * 8);
  }
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

function isTag(text: string): text is Tag {
  return Object.hasOwn(PRINTS, text);
}
