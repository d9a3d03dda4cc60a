/**
 * One gzip member with a label, so that a reader can pass from member to member without unpacking them.
 *
 * The label is a subfield of the gzip header's extra field (RFC 1952, section 2.3.1.1), which zcat and all others skip:
 *
 *   "WP"  length 31  kind: 1 byte  whole member's length: u32  three doubles, by kind  sum of all these bytes: u16
 *
 * Numbers are little endian. A label whose sum is wrong is no label.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/**
 * What a member holds, and what its three numbers say:
 * - `rows`: lines as they came. Rows written before it, 0, 0.
 * - `checkpoint`: the model's state there. Rows before it; events applied; time of the last of them, boot ns.
 * - `index`: the list of all checkpoints. 0, 0, 0.
 * - `end`: the last line. Where the index begins in the file, and where this member does (elsewhere, if recordings were
 *   joined); 0.
 */
export type MemberKind = 'rows' | 'checkpoint' | 'index' | 'end';

export interface MemberLabel {
  readonly kind: MemberKind;
  readonly numbers: readonly [number, number, number];
}

export interface FoundLabel extends MemberLabel {
  /** Length of the whole member, bytes. */
  readonly bytes: number;
}

const LETTERS: Readonly<Record<MemberKind, number>> = {
  rows: 0x72,
  checkpoint: 0x63,
  index: 0x69,
  end: 0x65,
};
const KINDS: ReadonlyMap<number, MemberKind> = new Map(
  (['rows', 'checkpoint', 'index', 'end'] as const).map((kind) => [LETTERS[kind], kind]),
);

/** Magic, method, flags, time, extra flags, system: what comes before the extra field. */
const FIXED_BYTES = 10;
const FLAGS_AT = 3;
const HAS_EXTRA = 0x04;
const SUMMED_BYTES = 1 + 4 + 3 * 8;
const PAYLOAD_BYTES = SUMMED_BYTES + 2;
const PAYLOAD_AT = FIXED_BYTES + 2 + 4;
/** So many bytes of a member's beginning hold its label. */
export const LABEL_BYTES = PAYLOAD_AT + PAYLOAD_BYTES;

/** A quarter of level 6's time for a seventh more bytes: the recorder runs beside what it watches. */
const LEVEL = 4;

const compress = promisify(gzip);

/** Packs text, on another thread. */
export async function packMember(text: string, { kind, numbers }: MemberLabel): Promise<Buffer> {
  const bare = await compress(text, { level: LEVEL });
  const head = Buffer.alloc(LABEL_BYTES);
  bare.copy(head, 0, 0, FIXED_BYTES);
  head[FLAGS_AT] = HAS_EXTRA;
  head.writeUInt16LE(4 + PAYLOAD_BYTES, FIXED_BYTES);
  head.write('WP', FIXED_BYTES + 2, 'latin1');
  head.writeUInt16LE(PAYLOAD_BYTES, FIXED_BYTES + 4);
  head[PAYLOAD_AT] = LETTERS[kind];
  head.writeUInt32LE(LABEL_BYTES + bare.length - FIXED_BYTES, PAYLOAD_AT + 1);
  for (const [index, number] of numbers.entries()) head.writeDoubleLE(number, PAYLOAD_AT + 5 + index * 8);
  head.writeUInt16LE(sumOf(head, PAYLOAD_AT), PAYLOAD_AT + SUMMED_BYTES);
  return Buffer.concat([head, bare.subarray(FIXED_BYTES)]);
}

/** The label of the member that begins at `at`; null where there is none, or not all of it. */
export function readLabel(bytes: Buffer, at = 0): FoundLabel | null {
  if (bytes.length - at < LABEL_BYTES) return null;
  const isLabelled =
    bytes.readUInt32LE(at) === (0x1f | (0x8b << 8) | (0x08 << 16) | (HAS_EXTRA << 24)) &&
    bytes.readUInt16LE(at + FIXED_BYTES) === 4 + PAYLOAD_BYTES &&
    bytes.readUInt16LE(at + FIXED_BYTES + 2) === 0x5057 &&
    bytes.readUInt16LE(at + FIXED_BYTES + 4) === PAYLOAD_BYTES;
  const payload = at + PAYLOAD_AT;
  const kind = KINDS.get(bytes[payload] ?? 0);
  if (!isLabelled || kind === undefined) return null;
  const length = bytes.readUInt32LE(payload + 1);
  if (length <= LABEL_BYTES || bytes.readUInt16LE(payload + SUMMED_BYTES) !== sumOf(bytes, payload))
    return null;
  const number = (index: number) => bytes.readDoubleLE(payload + 5 + index * 8);
  return { kind, bytes: length, numbers: [number(0), number(1), number(2)] };
}

function sumOf(bytes: Buffer, payload: number): number {
  let sum = 0;
  for (let at = payload; at < payload + SUMMED_BYTES; at++) sum += bytes[at] ?? 0;
  return sum;
}
