/** Comparing moments without losing their brand: Math.min and Math.max return plain numbers. */
import type { BootNs } from '../event/event.ts';

export function laterOf(one: BootNs, other: BootNs): BootNs {
  if (one > other) return one;
  return other;
}

export function earlierOf(one: BootNs, other: BootNs): BootNs {
  if (one < other) return one;
  return other;
}

/** The latest of some moments; null of none. */
export function latestOf(moments: Iterable<BootNs>): BootNs | null {
  let latest: BootNs | null = null;
  for (const moment of moments) latest = latest === null ? moment : laterOf(latest, moment);
  return latest;
}
