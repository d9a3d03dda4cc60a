/**
 * The kernel's own count of pins: pages pinned and released by FOLL_PIN since boot. Their difference is what all pins
 * on the machine add up to, and so the measure of how many of them a walk explains.
 */
import { PROC_ROOT, readText } from './proc-file.ts';

export interface PinCounts {
  readonly acquired: number;
  readonly released: number;
}

/**
 * nr_foll_pin_acquired and nr_foll_pin_released, or null where the kernel does not count them. Parts of the counts lie
 * with each CPU for up to a second (mm/vmstat.c); reading stat_refresh first adds them up at once, for root. Pages that
 * are pinned in between are in one number only, so released may exceed acquired by a few.
 */
export function readPinCounts(procRoot = PROC_ROOT): PinCounts | null {
  readText(`${procRoot}/sys/vm/stat_refresh`);
  return parsePinCounts(readText(`${procRoot}/vmstat`) ?? '');
}

/** Parses /proc/vmstat: `nr_foll_pin_acquired 128`. */
export function parsePinCounts(text: string): PinCounts | null {
  const countOf = (name: string) => new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  const [acquired, released] = [countOf('nr_foll_pin_acquired'), countOf('nr_foll_pin_released')];
  if (acquired === undefined || released === undefined) return null;
  return { acquired: Number(acquired), released: Number(released) };
}
