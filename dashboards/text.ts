/**
 * Text that may go to a terminal, measured in cells.
 *
 * Names of processes and files are chosen by whoever is being watched: escape sequences, newlines, right-to-left
 * overrides and half characters in them must be seen, not obeyed. `SafeText` can only be made by `clean`, so the
 * compiler proves that nothing else reaches the screen.
 */
import stringWidth from 'string-width';
import type { Brand } from '../src/base/brand.ts';
import { cleanName } from '../src/base/text.ts';

/** Text that a terminal only draws: what it would obey is written out, as `\x1b`. */
export type SafeText = Brand<string, 'SafeText'>;

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** Characters of one cell each: ASCII and our own signs, arrows, lines and blocks. Hardly a text has others. */
const ONE_CELL_EACH = /^[\x20-\x7e·×–‖…←-↓↻─-▟■▪▶▸●]*$/;
/** Would combine with what stands before it, which is our own text: a mark, or a conjoining Hangul letter. */
const JOINS_PREVIOUS = /^[\p{M}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;
const ELLIPSIS = '…';
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Makes any text harmless and visible, and independent of what stands before it. Cleaning twice changes nothing. */
export function clean(text: string): SafeText {
  if (PRINTABLE_ASCII.test(text)) return text as SafeText;
  const visible = cleanName(text.normalize('NFC'));
  const joining = JOINS_PREVIOUS.exec(visible)?.[0];
  if (joining === undefined) return visible as SafeText;
  const code = joining.codePointAt(0) ?? 0;
  return `\\u{${code.toString(16)}}${visible.slice(joining.length)}` as SafeText;
}

/** Whether each of its characters is a UTF-16 unit and takes a cell; other texts may still be as wide as they are long. */
export function isOneCellEach(text: string): boolean {
  return ONE_CELL_EACH.test(text);
}

/** Cells that the text takes on a terminal: 2 for a wide character, 0 for a mark. */
export function displayWidth(text: SafeText): number {
  return isOneCellEach(text) ? text.length : stringWidth(text);
}

/** The longest beginning of the text that takes at most `width` cells, never splitting a character. */
function takeStart(text: SafeText, width: number): SafeText {
  if (isOneCellEach(text)) return text.slice(0, Math.max(0, width)) as SafeText;
  let taken = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const cells = stringWidth(segment);
    if (used + cells > width) break;
    taken += segment;
    used += cells;
  }
  return taken as SafeText;
}

function takeEnd(text: SafeText, width: number): SafeText {
  if (isOneCellEach(text)) return text.slice(Math.max(0, text.length - width)) as SafeText;
  const segments = Array.from(segmenter.segment(text), (part) => part.segment);
  let used = 0;
  let from = segments.length;
  while (from > 0) {
    used += stringWidth(segments[from - 1] ?? '');
    if (used > width) break;
    from -= 1;
  }
  return segments.slice(from).join('') as SafeText;
}

/** At most `width` cells; what is cut off at the end is told by an ellipsis. */
export function cutEnd(text: SafeText, width: number): SafeText {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '' as SafeText;
  return `${takeStart(text, width - 1)}${ELLIPSIS}` as SafeText;
}

/** At most `width` cells, cut at the start: of a line that is being typed the end matters. */
export function cutStart(text: SafeText, width: number): SafeText {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '' as SafeText;
  return `${ELLIPSIS}${takeEnd(text, width - 1)}` as SafeText;
}

/** At most `width` cells, cut in the middle: of a path, mount point and file name both matter. */
export function cutMiddle(text: SafeText, width: number): SafeText {
  if (displayWidth(text) <= width) return text;
  if (width <= 2) return cutEnd(text, width);
  const tail = Math.ceil((width - 1) * 0.6);
  return `${takeStart(text, width - 1 - tail)}${ELLIPSIS}${takeEnd(text, tail)}` as SafeText;
}
