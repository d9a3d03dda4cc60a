/**
 * Times in words. All times are nanoseconds of CLOCK_BOOTTIME; text shows them as lengths ("1.0 s") or as offsets from
 * the start of the trace ("+1.234 s"), never by the reader's local clock: the same recording reads the same everywhere.
 */

export const NS_PER_MS = 1_000_000;
export const NS_PER_S = 1_000_000_000;

/** Whole milliseconds, rounded; what `ms` fields of answers hold. */
export function nsToMs(ns: number): number {
  return Math.round(ns / NS_PER_MS);
}

/** A length of time: "0.4 ms", "12 ms", "1.0 s", "5.02 s", "2 min 05 s", "1 h 02 min". Negative lengths read as 0. */
export function formatDuration(ns: number): string {
  const length = Math.max(0, Number.isFinite(ns) ? ns : 0);
  const ms = length / NS_PER_MS;
  if (ms < 0.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const s = length / NS_PER_S;
  if (s < 59.995) return `${s.toFixed(2).replace(/0$/, '')} s`;
  const wholeSeconds = Math.round(s);
  if (wholeSeconds < 3600) return `${Math.floor(wholeSeconds / 60)} min ${twoDigits(wholeSeconds % 60)} s`;
  const minutes = Math.round(s / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** A moment as seconds since the start of the trace: "+1.234 s"; "-0.002 s" for what came before it. */
export function formatOffset(ns: number, startNs: number): string {
  const ms = Math.round((ns - startNs) / NS_PER_MS);
  return `${ms < 0 ? '-' : '+'}${(Math.abs(ms) / 1000).toFixed(3)} s`;
}

/** A moment as bare seconds since the start of the trace with microseconds, for one line per event: "12.345678". */
export function formatSeconds(ns: number, startNs: number): string {
  return ((ns - startNs) / NS_PER_S).toFixed(6);
}

/** Two clocks read at the same moment, nanoseconds; see `Header.clock` of a recording. */
export interface ClockPair {
  readonly boottime_ns: number;
  readonly realtime_ns: number;
}

/** The wall time of a moment as ISO 8601 in UTC, to the millisecond; null where the clocks make no valid date. */
export function bootToWall(ns: number, clock: ClockPair): string | null {
  const ms = Math.round((clock.realtime_ns + (ns - clock.boottime_ns)) / NS_PER_MS);
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
