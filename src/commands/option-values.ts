/** Values of options: from what the user wrote to a number, or one line that says what to write instead. */
import { InvalidArgumentError } from 'commander';
import { parseLength } from '../check/rule.ts';

const LONGEST_PAUSE_S = 86_400;

/** A pause. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds > 0 && seconds <= LONGEST_PAUSE_S) return seconds;
  throw new InvalidArgumentError(`Give seconds: more than 0, at most ${LONGEST_PAUSE_S}.`);
}

const SIZE_UNITS: Readonly<Record<string, number>> = { k: 1 << 10, M: 1 << 20, G: 1 << 30 };
const LEAST_PART_BYTES = 4096;

/** Bytes. */
export function parseSize(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,9})([kMG]?)$/.exec(text) ?? [];
  const bytes = Number(digits) * (SIZE_UNITS[unit] ?? 1);
  if (bytes >= LEAST_PART_BYTES) return bytes;
  throw new InvalidArgumentError('Give a size of 4k or more: 500k, 100M, 2G.');
}

/** Milliseconds. */
export function parseTime(text: string): number {
  const ns = parseLength(text);
  if (ns !== null && ns >= 1e9) return ns / 1e6;
  throw new InvalidArgumentError('Give a time of a second or more: 30s, 10min, 1h.');
}

/** How many files are kept. */
export function parseFiles(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a number of files, 1 or more.');
}

/** A machine as ssh calls it: what begins with a dash would be an option of ssh. */
export function parseMachine(text: string): string {
  if (/^[^-\s]\S*$/.test(text)) return text;
  throw new InvalidArgumentError('Give a machine as ssh knows it: root@HOST.');
}

/** Seconds between two looks where no number is given. */
export const WATCH_PAUSE_S = 2;

/** In `who --watch PATH` the path looks like the option's value: what is no number is the path. */
export function parseWatch(text: string): number | string {
  return Number.isNaN(Number(text)) ? text : parseSeconds(text);
}
