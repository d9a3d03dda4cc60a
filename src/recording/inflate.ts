/**
 * Unpacks concatenated gzip members, and goes on after a damaged one.
 *
 * zlib alone gives up at the first bad byte and throws away what it had unpacked of that chunk. A recording's members
 * are independent, so here the damage costs one member: unpacking starts again at the next gzip magic.
 */
import { constants, createGunzip, type Gunzip, gunzipSync } from 'node:zlib';
import { LABEL_BYTES, readLabel } from './member.ts';

/** A place where bytes could not be unpacked: what comes after it does not continue what came before. */
export interface Gap {
  readonly gap: string;
}

export const DAMAGE: Gap = { gap: 'a part of the file is damaged' };

/** Unpacks the bytes of a file. A cut last member gives what it still holds. */
export async function* inflateMembers(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | Gap> {
  let inflater: Inflater | null = new Inflater();
  for await (const piece of splitAtMagic(chunks)) {
    // After damage, only a piece that begins a member can be unpacked.
    if (inflater === null && !beginsMember(piece)) continue;
    if (inflater?.isBegun === true && isLabelled(piece)) {
      // Here one of our own members begins for sure, so all before it is over: a header whose damaged byte promises
      // more of itself would swallow this one, and those behind it.
      const isOver = await inflater.end();
      yield* inflater.take();
      if (!isOver) yield DAMAGE;
      inflater = null;
    }
    inflater ??= new Inflater();
    let whole = await inflater.write(piece);
    if (!whole && beginsMember(piece)) {
      // The damage may be in the member before, which ran on into this one: try this one on its own.
      yield DAMAGE;
      inflater = new Inflater();
      whole = await inflater.write(piece);
      if (!whole) yield longestWhole(piece);
    }
    if (whole) {
      yield* inflater.take();
    } else {
      inflater = null;
      yield DAMAGE;
    }
  }
  if (inflater === null) return;
  await inflater.end();
  yield* inflater.take();
}

/** What a piece that begins a member holds before its damage: the longest beginning that unpacks, by bisection. */
function longestWhole(piece: Buffer): Buffer {
  let best: Buffer = Buffer.alloc(0);
  let good = 0;
  let bad = piece.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      best = gunzipSync(piece.subarray(0, middle), CUT_IS_FINE);
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return best;
}

/** With a sync flush at the end a cut member is not an error: it just ends early. */
export const CUT_IS_FINE = { finishFlush: constants.Z_SYNC_FLUSH };

/** Magic and method "deflate", the only one there is (RFC 1952, section 2.3.1). */
export const MAGIC = Buffer.from([0x1f, 0x8b, 0x08]);

export function isGzip(bytes: Buffer): boolean {
  return bytes.subarray(0, 2).equals(MAGIC.subarray(0, 2));
}

function beginsMember(bytes: Buffer): boolean {
  return bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

function isLabelled(bytes: Buffer): boolean {
  return beginsMember(bytes) && readLabel(bytes) !== null;
}

/**
 * Cuts the bytes before everything that looks like the beginning of a member. A false positive inside packed data does
 * no harm: the pieces go to the same inflater one after the other. A beginning comes with its whole label, if it has one.
 */
async function* splitAtMagic(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let at = bytes.indexOf(MAGIC, 1); at !== -1; at = bytes.indexOf(MAGIC, 1)) {
      yield bytes.subarray(0, at);
      bytes = bytes.subarray(at);
    }
    if (beginsMember(bytes) && bytes.length < LABEL_BYTES) {
      rest = bytes;
      continue;
    }
    const held = magicBegunAtEnd(bytes);
    if (held < bytes.length) yield bytes.subarray(0, bytes.length - held);
    rest = bytes.subarray(bytes.length - held);
  }
  if (rest.length > 0) yield rest;
}

/** How many of the last bytes may be the first bytes of a magic that goes on in the next chunk. */
function magicBegunAtEnd(bytes: Buffer): number {
  if (bytes.at(-2) === MAGIC[0] && bytes.at(-1) === MAGIC[1]) return 2;
  return bytes.at(-1) === MAGIC[0] ? 1 : 0;
}

/** One zlib stream, driven by hand: each write is over when its output is there. */
class Inflater {
  readonly #gunzip: Gunzip = createGunzip();
  #out: Buffer[] = [];
  #settle: (whole: boolean) => void = () => {};
  /** Whether anything was written to it. */
  isBegun = false;

  constructor() {
    this.#gunzip.on('data', (bytes: Buffer) => this.#out.push(bytes));
    this.#gunzip.on('error', () => this.#settle(false));
    // Zero padding after a member ends the stream without an error.
    this.#gunzip.on('close', () => this.#settle(false));
    this.#gunzip.on('end', () => this.#settle(true));
  }

  /** False when the bytes, or those before them, are damaged. */
  write(bytes: Buffer): Promise<boolean> {
    this.isBegun = true;
    return new Promise((resolve) => {
      this.#settle = resolve;
      if (!this.#gunzip.writable) resolve(false);
      else this.#gunzip.write(bytes, (error) => resolve(!error));
    });
  }

  /** False when the last member is not whole. What it held is there all the same. */
  end(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      if (this.#gunzip.destroyed) resolve(false);
      else this.#gunzip.end();
    });
  }

  take(): Buffer[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }
}
