/**
 * Which pages of a file a truncate or a fallocate takes away, and whether a pin is on them. A page that is only partly
 * cut stays in the file (its tail is zeroed in place).
 */
import { PAGE_BYTES } from './limits.ts';
import type { PageRange, Pin } from './state.ts';

/** Bits of fallocate(2)'s mode (include/uapi/linux/falloc.h). */
const PUNCH_HOLE = 0x02;
const COLLAPSE_RANGE = 0x08;
const ZERO_RANGE = 0x10;
const INSERT_RANGE = 0x20;

/** Pages from the new size on; null for a file that grows or keeps its size. A negative `from` is not known. */
export function truncatedPages(from: number, to: number): PageRange | null {
  if (from >= 0 && to >= from) return null;
  return { first: Math.ceil(to / PAGE_BYTES), end: Number.POSITIVE_INFINITY };
}

/** Pages that lose their place, and what the call is named. Collapse and insert move all that follows. */
export function holePages(
  mode: number,
  offset: number,
  length: number,
): { readonly frees: PageRange | null; readonly what: string } {
  const inside = { first: Math.ceil(offset / PAGE_BYTES), end: Math.floor((offset + length) / PAGE_BYTES) };
  const onwards = { first: Math.floor(offset / PAGE_BYTES), end: Number.POSITIVE_INFINITY };
  if ((mode & PUNCH_HOLE) !== 0) return { frees: nonEmpty(inside), what: 'punch hole' };
  if ((mode & COLLAPSE_RANGE) !== 0) return { frees: onwards, what: 'collapse range' };
  if ((mode & INSERT_RANGE) !== 0) return { frees: onwards, what: 'insert range' };
  if ((mode & ZERO_RANGE) !== 0) return { frees: nonEmpty(inside), what: 'zero range' };
  return { frees: null, what: `fallocate mode 0x${(mode >>> 0).toString(16)}` };
}

/** Whether any page of a pin lies in the range. */
export function overlaps(pin: Pin, range: PageRange): boolean {
  return pin.extents.some(({ index, pages }) => index < range.end && index + pages > range.first);
}

function nonEmpty(range: PageRange): PageRange | null {
  return range.first < range.end ? range : null;
}
