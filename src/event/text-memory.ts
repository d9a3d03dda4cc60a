/**
 * Texts that were seen before, found again by their bytes: names of kinds, processes and devices and stacks come in
 * every row, and most of them came in the row before. What is not found is made into a string once.
 */

/** A slot holds the last text of its hash. */
const SLOTS = 4096;
/** The beginning of a text that goes into its hash whole; of longer ones some bytes of the rest do. */
const HASHED_BYTES = 16;
/** Text that is longer is compared by the C library, which is faster from about here on. */
const LONG_TEXT = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What needs no more care than JSON.parse takes: printable ASCII, and escapes other than of code units. */
const PLAIN = /^(?:[ !#-[\]-~]|\\["\\/bfnrt])*$/;

export interface TextMemory {
  /**
   * Finds the JSON string whose first byte, after its quote, is at `start`. Returns its slot, or -1 where it has no end
   * before `end` or bytes that need care.
   */
  readonly find: (bytes: Buffer, start: number, end: number) => number;
  /** Where the closing quote of the text found last is. */
  readonly endOfFound: () => number;
  readonly textIn: (slot: number) => string;
}

/** Creates an empty memory. */
export function createTextMemory(): TextMemory {
  const texts: string[] = new Array(SLOTS).fill('');
  /** The bytes of each text as they stood in the row. */
  const written: Buffer[] = new Array(SLOTS).fill(Buffer.alloc(0));
  let foundEnd = 0;

  function find(bytes: Buffer, start: number, end: number): number {
    let hash = 0;
    let at = start;
    const hashedEnd = start + HASHED_BYTES;
    let byte = bytes[at] ?? 0;
    while (byte !== QUOTE && byte !== BACKSLASH && at < hashedEnd) {
      hash = (hash * 31 + byte) | 0;
      byte = bytes[++at] ?? 0;
    }
    if (byte !== QUOTE) {
      at = findQuote(bytes, at, end);
      if (at < 0) return -1;
      for (let back = 1; back <= 4; back++) hash = (hash * 31 + (bytes[at - back * back] ?? 0)) | 0;
      hash = (hash * 31 + at - start) | 0;
    }
    if (at >= end) return -1;
    foundEnd = at;
    const slot = (hash ^ (hash >>> 13)) & (SLOTS - 1);
    const before = written[slot];
    // An empty text has the bytes of an unused slot: both are ''.
    if (before !== undefined && isSame(before, bytes, start, at)) return slot;
    const text = readText(bytes, start, at);
    if (text === null) return -1;
    texts[slot] = text;
    written[slot] = Buffer.from(bytes.subarray(start, at));
    return slot;
  }

  return { find, endOfFound: () => foundEnd, textIn: (slot) => texts[slot] ?? '' };
}

/** The first quote from `from` on that is not escaped; -1 where there is none before `end`. No escape is open there. */
function findQuote(bytes: Buffer, from: number, end: number): number {
  for (let at = bytes.indexOf(QUOTE, from); at !== -1 && at < end; at = bytes.indexOf(QUOTE, at + 1)) {
    let before = at;
    while (before > from && bytes[before - 1] === BACKSLASH) before--;
    if ((at - before) % 2 === 0) return at;
  }
  return -1;
}

function isSame(before: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const { length } = before;
  if (length !== end - start) return false;
  if (length > LONG_TEXT) return before.compare(bytes, start, end) === 0;
  for (let index = 0; index < length; index++) {
    if (before[index] !== bytes[start + index]) return false;
  }
  return true;
}

function readText(bytes: Buffer, start: number, end: number): string | null {
  const text = bytes.toString('latin1', start, end);
  if (!PLAIN.test(text)) return null;
  return text.includes('\\') ? String(JSON.parse(`"${text}"`)) : text;
}
