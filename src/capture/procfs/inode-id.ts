/**
 * Device and inode numbers as /proc writes them. The schema's `dev` is the kernel's own dev_t (major << 20 | minor,
 * include/linux/kdev_t.h); /proc/locks and maps print it as hex `major:minor`, mountinfo as decimal, stat(2) packs it
 * differently (new_encode_dev). An inode number is text where a double cannot hold it.
 */

import type { Ino } from '../../event/event.ts';

/** One file: the super block's device as the kernel's dev_t, and the inode number. */
export interface InodeId {
  readonly dev: number;
  readonly ino: Ino;
}

/** Two files are the same where their keys are. */
export function inodeKey(id: InodeId): string {
  return `${id.dev}:${id.ino}`;
}

/** The kernel's dev_t. Not a shift: majors go up to 12 bits, which 32-bit shifts would turn negative. */
export function kernelDevice(major: number, minor: number): number {
  return major * 0x100000 + minor;
}

/** From hex `fe:00` of /proc/locks and /proc/PID/maps; null where the text is no device. */
export function parseHexDevice(text: string): number | null {
  return parseDevice(text, /^([0-9a-f]+):([0-9a-f]+)$/i, 16);
}

/** From decimal `259:0` of mountinfo and sysfs `dev` files. */
export function parseDecimalDevice(text: string): number | null {
  return parseDevice(text, /^(\d+):(\d+)$/, 10);
}

/** From st_dev of stat(2), whose packing is that of include/linux/kdev_t.h new_encode_dev. */
export function statDevice(packed: bigint): number {
  const major = Number((packed >> 8n) & 0xfffn) + Number((packed >> 32n) & 0xfffff000n);
  const minor = Number(packed & 0xffn) + Number((packed >> 12n) & 0xfff00n);
  return kernelDevice(major, minor);
}

/** An inode number from decimal digits: a number where a double holds it exactly, else the text. */
export function parseInodeNumber(digits: string): Ino {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : digits;
}

function parseDevice(text: string, form: RegExp, radix: number): number | null {
  const [, major, minor] = form.exec(text) ?? [];
  if (major === undefined || minor === undefined) return null;
  return kernelDevice(Number.parseInt(major, radix), Number.parseInt(minor, radix));
}
