/**
 * Reads a recording's members by their labels: several are unpacked at a time on other threads while one is decoded, and
 * those that are not asked for are passed over unread. At the first member without a whole label, or that is cut, the
 * careful way of inflate.ts takes over.
 */
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { readBytes, readUpTo } from './bytes.ts';
import { CUT_IS_FINE, DAMAGE, type Gap, inflateMembers, MAGIC } from './inflate.ts';
import { type FoundLabel, LABEL_BYTES, readLabel } from './member.ts';

const unpack = promisify(gunzip);

/** Members that are unpacked ahead: two keep a second core busy, the rest even out their sizes. */
const AHEAD = 4;
const BLOCK_BYTES = 1 << 20;
/** Members of ours hold a little more than 256 KiB. One that unpacks to far more is not ours: read it bit by bit. */
const MOST_UNPACKED = 64 << 20;
/** Room for a whole member, so that it is unpacked in one piece. */
const CHUNK_BYTES = 320 << 10;

/** A member in its file. */
export interface FoundMember {
  readonly label: FoundLabel;
  readonly offset: number;
}

/** A piece of unpacked text. */
export interface Piece {
  readonly bytes: Buffer;
  /** Where the next member begins, when nothing of this one is missing: reading can go on from there. */
  readonly next: number | null;
}

/**
 * Passes from label to label, from `offset` on. Ends at what is no whole labelled member.
 */
export async function* findMembers(file: FileHandle, offset: number): AsyncGenerator<FoundMember> {
  const { size } = await file.stat();
  for (let at = offset; at < size; ) {
    const label = readLabel(await readUpTo(file, LABEL_BYTES, at));
    if (label === null || at + label.bytes > size) return;
    yield { label, offset: at };
    at += label.bytes;
  }
}

/** The text of one member. Rejects where it is damaged. */
export async function readMember(file: FileHandle, { label, offset }: FoundMember): Promise<Buffer> {
  const packed = await readUpTo(file, label.bytes, offset);
  return unpack(packed, { chunkSize: roomFor(packed) });
}

/**
 * A member's last four bytes tell its text's length (RFC 1952, ISIZE): with room for all of it, and a byte to spare, a
 * checkpoint of tens of megabytes is unpacked in one go, and not kept twice. Damaged bytes may tell anything.
 */
function roomFor(packed: Buffer): number {
  const told = packed.length < ISIZE_BYTES ? 0 : packed.readUInt32LE(packed.length - ISIZE_BYTES);
  return Math.min(Math.max(told + 1, CHUNK_BYTES), MOST_UNPACKED);
}

const ISIZE_BYTES = 4;

/** Packed bytes that are sure to hold a member's first line, unless that is a row. */
const BEGINNING_BYTES = 1024;

/** The first characters of a member's text. Rejects where it is damaged there. */
export async function readBeginning(file: FileHandle, { label, offset }: FoundMember): Promise<string> {
  const length = Math.min(label.bytes, BEGINNING_BYTES);
  const packed = await readUpTo(file, length, offset);
  return (await unpack(packed, CUT_IS_FINE)).toString('utf8');
}

interface Ahead {
  readonly next: number;
  /** Never rejects: null where the member is damaged. */
  readonly text: Promise<Buffer | null>;
}

/** The unpacked rows and endings from `offset` to the file's end. Checkpoints and indexes are passed over. */
export async function* readPieces(file: FileHandle, offset: number): AsyncGenerator<Piece | Gap> {
  const ahead: Ahead[] = [];
  let careful = offset;

  for await (const { label, offset: at, bytes } of packedMembers(file, offset)) {
    const next = at + label.bytes;
    careful = next;
    if (label.kind === 'checkpoint' || label.kind === 'index') continue;
    const options = { chunkSize: CHUNK_BYTES, maxOutputLength: MOST_UNPACKED };
    ahead.push({ next, text: unpack(bytes, options).catch(() => null) });
    const first = ahead.length > AHEAD ? ahead.shift() : undefined;
    if (first !== undefined) yield await toPiece(first);
  }
  for (const each of ahead) yield await toPiece(each);
  yield* readCarefully(file, careful);
}

/** A damaged member gives nothing: where in it the damage is cannot be told, and rows behind it may read like rows. */
async function toPiece({ next, text }: Ahead): Promise<Piece | Gap> {
  const bytes = await text;
  return bytes === null ? DAMAGE : { bytes, next };
}

async function* readCarefully(file: FileHandle, offset: number): AsyncGenerator<Piece | Gap> {
  for await (const piece of inflateMembers(readBytes(file, offset))) {
    yield 'gap' in piece ? piece : { bytes: piece, next: null };
  }
}

interface PackedMember extends FoundMember {
  readonly bytes: Buffer;
}

/** Labelled members with their bytes, read a block at a time; those without a use here come with their label alone. */
async function* packedMembers(file: FileHandle, offset: number): AsyncGenerator<PackedMember> {
  let block: Buffer = Buffer.alloc(0);
  let blockAt = offset;

  async function read(at: number, length: number): Promise<Buffer> {
    if (at < blockAt || at + length > blockAt + block.length) {
      block = await readUpTo(file, Math.max(length, BLOCK_BYTES), at);
      blockAt = at;
    }
    return block.subarray(at - blockAt, at - blockAt + length);
  }

  for (let at = offset; ; ) {
    const label = readLabel(await read(at, LABEL_BYTES));
    if (label === null || label.bytes > MOST_UNPACKED) return;
    const isWanted = label.kind === 'rows' || label.kind === 'end';
    const bytes = isWanted ? await read(at, label.bytes) : Buffer.alloc(0);
    if (isWanted && bytes.length < label.bytes) return;
    // What lies behind it must be another member or nothing: otherwise its length, or what follows, is not right.
    const behind = await read(at + label.bytes, MAGIC.length);
    if (behind.length > 0 && !behind.equals(MAGIC)) return;
    yield { label, offset: at, bytes };
    at += label.bytes;
  }
}
