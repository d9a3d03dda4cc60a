/** A moment of a recording, as a user writes it, and what it means in one recording. */
import { err, ok, type Result } from '../base/result.ts';
import { type ClockPair, NS_PER_MS, NS_PER_S } from '../base/time.ts';

export type Moment =
  /** Nanoseconds since boot, as `--json` answers tell times. */
  | { readonly since: 'boot'; readonly ns: number }
  /** Nanoseconds since the recording's first row, as texts tell times. */
  | { readonly since: 'start'; readonly ns: number }
  /** Milliseconds of wall time since 1970. */
  | { readonly since: '1970'; readonly ms: number }
  /** A share of the time from the first row to the last one: 0 to 100. */
  | { readonly percent: number };

/** Times since boot are nanoseconds, so they are large; nobody records for that many seconds. */
const LEAST_BOOT_NS = 1e9;

const NUMBER = /^(\+?)(\d+(?:\.\d+)?) ?(s|%|)$/;
/** Wall time must name its zone: whose clock is meant, the reader's or the traced host's, is not guessed. */
const WALL = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

/**
 * Reads `+4.5s`, `4.5s`, `4.5` (seconds since the recording began), `50%` (of its length), `81234567890123`
 * (nanoseconds since boot) or `2026-11-22T13:22:52Z` (wall time, with its zone).
 */
export function parseMoment(text: string): Result<Moment> {
  const wall = WALL.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  if (!Number.isNaN(wall)) return ok({ since: '1970', ms: wall });
  const [, plus, digits, unit] = NUMBER.exec(text) ?? [];
  const number = Number(digits);
  const isShare = unit === '%';
  if (digits === undefined || !Number.isFinite(number) || (isShare && (plus === '+' || number > 100))) {
    return err(
      `${text} is not a time: give seconds since the recording began (+4.5s), a share of it (50%), nanoseconds since boot, or wall time with its zone (2026-11-22T13:22:52Z)`,
    );
  }
  if (isShare) return ok({ percent: number });
  const isBoot = plus === '' && unit === '' && Number.isInteger(number) && number >= LEAST_BOOT_NS;
  return ok(isBoot ? { since: 'boot', ns: number } : { since: 'start', ns: number * NS_PER_S });
}

/** When a recording begins and ends (boot ns), and its clocks. */
export interface Extent {
  readonly from: number;
  readonly to: number;
  readonly clock: ClockPair;
}

/** The moment in nanoseconds since boot. It may lie outside the recording. */
export function momentToBoot(moment: Moment, { from, to, clock }: Extent): number {
  if ('percent' in moment) return from + ((to - from) * moment.percent) / 100;
  switch (moment.since) {
    case 'boot':
      return moment.ns;
    case 'start':
      return from + moment.ns;
    case '1970':
      return clock.boottime_ns + (moment.ms * NS_PER_MS - clock.realtime_ns);
  }
}
