/** A moment of a recording, as a user writes it. */
import { err, ok, type Result } from '../base/result.ts';

/** Either nanoseconds since boot, or since the recording's first row. */
export type Moment =
  | { readonly since: 'boot'; readonly ns: number }
  | { readonly since: 'start'; readonly ns: number };

/** Times since boot are nanoseconds, so they are large; nobody records for that many seconds. */
const LEAST_BOOT_NS = 1e9;

/** Reads `4.5`, `+4.5`, `4.5s` (seconds since the recording began) or `81234567890123` (nanoseconds since boot). */
export function parseMoment(text: string): Result<Moment> {
  const [, plus, digits, unit] = /^(\+?)(\d+(?:\.\d+)?)(s?)$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || !Number.isFinite(number)) {
    return err(
      `${text} is not a time: give seconds since the recording began (4.5s) or nanoseconds since boot`,
    );
  }
  const isBoot = plus === '' && unit === '' && Number.isInteger(number) && number >= LEAST_BOOT_NS;
  return ok(isBoot ? { since: 'boot', ns: number } : { since: 'start', ns: number * 1e9 });
}
