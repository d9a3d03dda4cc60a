/**
 * Reads a row straight from its bytes, without JSON.parse: reports on recordings of millions of rows spend most of
 * their time here. Knows only the form in which bpftrace writes plain rows; anything else (`\u` escapes, bytes from
 * 0x80 up, integers beyond 2^53, more columns) is left to the slow way, and a test holds that both give the same event.
 */
import type { RowEvent } from './event.ts';
import { compileReader, type RowReader } from './row-reader.ts';
import { ROW_KINDS } from './schema.ts';
import { createTextMemory } from './text-memory.ts';

const PREFIX = Buffer.from('{"type": "value", "data": ["');
/** The prefix as it is compared: seven words of four bytes. */
const WORDS = Int32Array.from({ length: PREFIX.length >> 2 }, (_, word) => PREFIX.readInt32LE(word * 4));

export interface RowScanner {
  /** The row that lies in `bytes` from `start` up to, not including, `end`; null where the slow way must look. */
  readonly scan: (bytes: Buffer, start: number, end: number) => RowEvent | null;
}

/** Creates a scanner; it remembers nothing but texts that it saw before. */
export function createRowScanner(): RowScanner {
  const memory = createTextMemory();
  const readers = new Map<string, RowReader>(ROW_KINDS.map((kind) => [kind, compileReader(kind, memory)]));
  /** By the slot that holds the kind's name: whose reader, and for which name. */
  const kinds: string[] = [];
  const readersBySlot: (RowReader | undefined)[] = [];
  let viewed: Buffer | null = null;
  let view: DataView = new DataView(new ArrayBuffer(0));

  function beginsRow(bytes: Buffer, start: number, end: number): boolean {
    if (end - start <= PREFIX.length) return false;
    if (viewed !== bytes) {
      viewed = bytes;
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    for (let word = 0; word < WORDS.length; word++) {
      if (view.getInt32(start + word * 4, true) !== WORDS[word]) return false;
    }
    return true;
  }

  function readerOf(slot: number): RowReader | undefined {
    const kind = memory.textIn(slot);
    if (kinds[slot] === kind) return readersBySlot[slot];
    kinds[slot] = kind;
    readersBySlot[slot] = readers.get(kind);
    return readersBySlot[slot];
  }

  function scan(bytes: Buffer, start: number, end: number): RowEvent | null {
    if (!beginsRow(bytes, start, end)) return null;
    const slot = memory.find(bytes, start + PREFIX.length, end);
    if (slot < 0) return null;
    const read = readerOf(slot);
    return read === undefined ? null : read(bytes, memory.endOfFound() + 1, end);
  }

  return { scan };
}
