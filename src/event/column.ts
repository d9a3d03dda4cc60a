/**
 * Readers for the columns of a row: from whatever form this bpftrace prints a value in to the one form the model
 * knows. They take numbers and text, because 0.27 prints integers as text where a double is not exact and
 * `repairRow` does the same for older versions. `undefined` means: not a value of this type.
 */
import type { Dev, Ino, Ptr } from './event.ts';
import type { ColumnType } from './schema.ts';

type ColumnReader = (value: unknown) => number | string | undefined;

export const COLUMN_READERS: Readonly<Record<ColumnType, ColumnReader>> = {
  int: readInt,
  ptr: readPtr,
  dev: readDev,
  ino: readIno,
  str: readStr,
};

const INTEGER = /^-?\d{1,20}$/;

/** A 64-bit integer in either signedness, as text: the signed reading. */
function parseSigned(text: string): bigint | undefined {
  return INTEGER.test(text) ? BigInt.asIntN(64, BigInt(text)) : undefined;
}

/** An integer that a double holds exactly. Small negatives may come as their unsigned 64-bit reading. */
export function readInt(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const signed = parseSigned(value);
    return signed === undefined ? undefined : readInt(Number(signed));
  }
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** Nanoseconds since boot. Beyond 2^53 (104 days of uptime) they are rounded to 2 ns: near enough to order by. */
export function readTimestamp(value: unknown): number | undefined {
  const number = typeof value === 'string' && INTEGER.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && Number.isInteger(number) ? number : undefined;
}

/**
 * A kernel address, signed: 0xffff888… becomes a small negative number that a double holds. With 5-level paging
 * addresses reach -2^56, where doubles are 8 apart, as kernel objects are; one that is not exact is no pointer to one.
 */
export function readPtr(value: unknown): Ptr | undefined {
  if (Number.isSafeInteger(value)) return value as Ptr;
  if (typeof value !== 'string') return undefined;
  const signed = parseSigned(value);
  if (signed === undefined) return undefined;
  const number = Number(signed);
  return BigInt(number) === signed ? (number as Ptr) : undefined;
}

/** The kernel's dev_t as major:minor. Source: MINORBITS in include/linux/kdev_t.h, 20 from 2.6 to 7.3. */
export function readDev(value: unknown): Dev | undefined {
  const number = readInt(value);
  if (number === undefined || number < -0x8000_0000 || number > 0xffff_ffff) return undefined;
  return deviceName(number);
}

/** Rows come from few devices, each is named once. */
const devices = new Map<number, Dev>();
const MOST_DEVICES = 4096;

/** The same of a dev_t that is known to be one, signed or unsigned. */
export function deviceName(dev: number): Dev {
  const known = devices.get(dev);
  if (known !== undefined) return known;
  const unsigned = dev >>> 0;
  const name = `${unsigned >>> 20}:${unsigned & 0xf_ffff}` as Dev;
  if (devices.size < MOST_DEVICES) devices.set(dev, name);
  return name;
}

/** An inode number; decimal text where a double cannot hold it (some network and FUSE file systems). */
export function readIno(value: unknown): Ino | undefined {
  if (typeof value === 'string') {
    if (!INTEGER.test(value)) return undefined;
    const unsigned = BigInt.asUintN(64, BigInt(value));
    return unsigned <= Number.MAX_SAFE_INTEGER ? Number(unsigned) : unsigned.toString();
  }
  if (!Number.isSafeInteger(value)) return undefined;
  const number = value as number;
  return number >= 0 ? number : BigInt.asUintN(64, BigInt(number)).toString();
}

/** Text as user space chose it, or a kernel stack, which some versions print as a list of frames. */
function readStr(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((frame) => typeof frame === 'string')) return value.join('\n');
  return undefined;
}
