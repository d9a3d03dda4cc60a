/** A moment of a recording as a user types it. */
import { err, ok, type Result } from '../src/base/result.ts';
import type { Goal } from './feed.ts';

const FORM = /^([+-]?)(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|%)?$/;
const NS_OF: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };

/**
 * Reads `12.5`, `+12.5 s`, `2 min` (since tracing began at `fromNs`, as all times on the screen are told), `-5` (back from
 * `nowNs`), `50%`, `start`, `end`.
 */
export function parseGoal(text: string, nowNs: number, fromNs: number): Result<Goal> {
  const typed = text.trim().toLowerCase();
  if (typed === 'end') return ok({ to: 'end' });
  if (typed === 'start') return ok({ to: 'share', share: 0 });
  const [, sign = '', digits, unit = 's'] = FORM.exec(typed) ?? [];
  const number = Number(digits);
  if (digits === undefined || !Number.isFinite(number)) {
    return err(`'${typed}' is no time: type seconds (+12.5), 2 min, -5 to go back, 50%, start or end`);
  }
  if (unit === '%') {
    return number <= 100 && sign === ''
      ? ok({ to: 'share', share: number / 100 })
      : err('a percentage goes from 0% to 100%');
  }
  const ns = number * (NS_OF[unit] ?? 1e9);
  return ok({ to: 'time', ns: sign === '-' ? nowNs - ns : fromNs + ns });
}
