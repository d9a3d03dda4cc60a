/**
 * Text for terminals and mailing lists. Process and file names are chosen by whoever runs the process: a name may hold
 * escape sequences, line breaks or marks that turn the reading direction, so every name is cleaned before it is shown.
 */
import stringWidth from 'string-width';

/** The widest line of a report: mailing lists quote and wrap beyond it. */
export const REPORT_COLUMNS = 80;

/**
 * What may not reach a terminal: C0, DEL and C1 controls, soft hyphen, bidirectional marks, zero-width characters, line
 * and paragraph separators, lone surrogates, and the invisible tag characters (Unicode 16, UAX #9 and chapter 23).
 */
const UNPRINTABLE =
  /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/**
 * Makes a name safe to show: what is unprintable becomes a visible escape (`\n`, `\x1b`, `\u202e`). Cleaning twice
 * changes nothing more.
 */
export function cleanName(name: string): string {
  return name.replace(UNPRINTABLE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}

/** "1 page", "2 pages", "1,234 pages". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A whole number with thousands separated by commas. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

const BYTE_UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** "512 B", "4.0 KiB", "1.0 MiB". */
export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (Math.abs(value) >= 1023.95 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** "A", "A and B", "A, B and C"; "" for nothing. Beyond `most`, the rest is counted: "A, B and 7 others". */
export function joinWords(words: readonly string[], most = Number.POSITIVE_INFINITY): string {
  const shown = words.length > most ? words.slice(0, most) : words;
  const hidden = words.length - shown.length;
  const parts = hidden > 0 ? [...shown, plural(hidden, 'other')] : shown;
  if (parts.length <= 1) return parts[0] ?? '';
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** Where a line may be broken: at a space, but not between a number and its unit. */
const BREAKS = /(?<!\d) | (?!(?:ms|s|min|h|B|[KMGTPE]iB)(?!\w))/;

export interface WrapOptions {
  /** Columns of a line; Infinity keeps all in one line. */
  readonly width: number;
  /** Stands before the first line, and counts as part of it. */
  readonly first?: string;
  /** Stands before each further line: a hanging indent. */
  readonly rest?: string;
}

/**
 * Breaks text into lines of at most `width` columns at spaces; a word wider than a line is cut. Widths are those of a
 * terminal (wide characters take two columns). The prefixes must be narrower than the width.
 */
export function wrapText(text: string, options: WrapOptions): string[] {
  const { width, first = '', rest = ' '.repeat(stringWidth(options.first ?? '')) } = options;
  if (width === Number.POSITIVE_INFINITY) return [`${first}${text}`];
  const lines: string[] = [];
  let line = first;
  let used = stringWidth(first);
  let isEmpty = true;
  const breakLine = () => {
    lines.push(line.trimEnd());
    line = rest;
    used = stringWidth(rest);
    isEmpty = true;
  };
  for (const word of text.split(BREAKS)) {
    const wanted = stringWidth(word);
    if (!isEmpty && used + 1 + wanted > width) breakLine();
    if (!isEmpty) {
      line += ' ';
      used += 1;
    }
    for (const piece of cutWord(word, width - used, width - stringWidth(rest))) {
      if (!isEmpty && used + stringWidth(piece) > width) breakLine();
      line += piece;
      used += stringWidth(piece);
      isEmpty = false;
    }
  }
  lines.push(line.trimEnd());
  return lines;
}

/** The word itself where it fits, else pieces: the first as wide as `room`, the others as a whole line. */
function cutWord(word: string, room: number, wholeLine: number): string[] {
  if (stringWidth(word) <= room) return [word];
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter('en').segment(word)) {
    const wanted = stringWidth(segment);
    const limit = Math.max(2, pieces.length === 0 ? room : wholeLine);
    if (used + wanted > limit && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += segment;
    used += wanted;
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}

/** The text where it fits into `width` columns, else its beginning and "~". A name is to be cleaned before. */
export function cutText(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = '';
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    if (stringWidth(cut + segment) > width - 1) break;
    cut += segment;
  }
  return `${cut}~`;
}

/** The errors that leases, pins and truncates return (include/uapi/asm-generic/errno*.h, include/linux/errno.h). */
const ERRNO_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'EPERM'],
  [2, 'ENOENT'],
  [4, 'EINTR'],
  [5, 'EIO'],
  [9, 'EBADF'],
  [11, 'EAGAIN'],
  [12, 'ENOMEM'],
  [13, 'EACCES'],
  [14, 'EFAULT'],
  [16, 'EBUSY'],
  [22, 'EINVAL'],
  [24, 'EMFILE'],
  [26, 'ETXTBSY'],
  [27, 'EFBIG'],
  [28, 'ENOSPC'],
  [30, 'EROFS'],
  [35, 'EDEADLK'],
  [62, 'ETIME'],
  [75, 'EOVERFLOW'],
  [95, 'EOPNOTSUPP'],
  [110, 'ETIMEDOUT'],
  [512, 'ERESTARTSYS'],
  [513, 'ERESTARTNOINTR'],
  [514, 'ERESTARTNOHAND'],
  [516, 'ERESTART_RESTARTBLOCK'],
]);

/** The name of an error number of either sign: "EAGAIN"; "error 999" where it has none here. */
export function errnoName(error: number): string {
  return ERRNO_NAMES.get(Math.abs(error)) ?? `error ${Math.abs(error)}`;
}

/** What a system call returned: "0", "fd 3" is up to the caller, "-11 (EAGAIN)". */
export function formatResult(result: number): string {
  return result < 0 ? `${result} (${errnoName(result)})` : String(result);
}
