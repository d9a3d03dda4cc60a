/**
 * The terminal, by blessed: one Screen with one Box of its size, into which whole frames are written. None of its
 * widgets, tags, key bindings or mouse is used. Its traps that this file works around, all of version 0.1.81:
 * - with most terminfo entries it draws lines in the alternate character set; NCURSES_NO_UTF8_ACS=1, read when it
 *   is loaded, makes it write the characters themselves
 * - its width tables are of 2013 and it counts UTF-16 units when it cuts: only single units that both sides agree on
 *   are passed on
 * - it cannot read terminfo files of ncurses 6.1 and later (their numbers are wider), takes the terminal to have eight
 *   colours, and then paints grey (SGR 90) as black
 * - Enter arrives as two keys, `enter` and `return`
 */
import type { Widgets } from 'blessed';
import type { Frame, Line, Style } from './frame.ts';
import type { KeyName, Surface } from './surface.ts';
import { clean, displayWidth, isOneCellEach } from './text.ts';

/** SGR parameters of each style, with colours and without. */
const COLOURS: Readonly<Record<Style, string>> = {
  plain: '',
  dim: '90',
  strong: '1',
  heading: '1;36',
  good: '32',
  warning: '33',
  critical: '1;31',
  selected: '7',
  bar: '1',
};
const NO_COLOURS: Readonly<Record<Style, string>> = {
  plain: '',
  dim: '',
  strong: '1',
  heading: '4',
  good: '',
  warning: '1',
  critical: '1;7',
  selected: '7',
  bar: '1',
};

/** What stands for our own signs on a terminal that is not UTF-8. */
const ASCII_SIGNS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '…': '~',
    '─': '-',
    '→': '>',
    '↑': '^',
    '↓': 'v',
    '│': '|',
    '●': '*',
    '▶': '>',
    '▸': '>',
    '■': '#',
    '‖': '=',
    '×': 'x',
    '·': '.',
    '–': '-',
    '←': '<',
    '├': '|',
    '┤': '|',
    '┬': '+',
    '┴': '+',
    '└': '`',
    '┊': ':',
    '▪': 'o',
    '↻': '@',
    '▏': '_',
    '▁': '.',
    '▂': ':',
    '▃': '-',
    '▄': '=',
    '▅': '+',
    '▆': '*',
    '▇': '%',
    '█': '#',
  }),
);

/** Takes over the terminal of this process. Ask `refuseTerminal` first. */
export async function openBlessedSurface(env: NodeJS.ProcessEnv = process.env): Promise<Surface> {
  process.env.NCURSES_NO_UTF8_ACS = '1';
  const { default: blessed } = await import('blessed');
  const isUtf8 = /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
  const screen = blessed.screen({ fullUnicode: true, forceUnicode: isUtf8 });
  allowSixteenColours(screen.tput);
  const box = blessed.box({ parent: screen, top: 0, left: 0, width: '100%', height: '100%', wrap: false });
  const styles = env.NO_COLOR ? NO_COLOURS : COLOURS;
  let isOpen = true;
  let takeBack: (() => void) | null = null;
  return {
    size: () => ({ width: readCells(screen.width), height: readCells(screen.height) }),
    draw(frame) {
      if (!isOpen || takeBack !== null) return;
      box.setContent(paintFrame(frame, styles, isUtf8));
      screen.render();
    },
    onKey(listener) {
      screen.on('keypress', (character: string | undefined, key: Widgets.Events.IKeyEventArg) => {
        const name = nameKey(key.full ?? character ?? '');
        if (name !== null && isOpen) listener(name);
      });
    },
    onResize(listener) {
      screen.on('resize', listener);
    },
    pause() {
      if (!isOpen || takeBack !== null) return;
      const { program } = screen;
      // Its own `pause` throws away what it has not written yet, the way back to the shell's screen included.
      program.normalBuffer();
      program.showCursor();
      program.flush();
      process.stdin.setRawMode(false);
      process.stdin.pause();
      takeBack = () => {
        process.stdin.setRawMode(true);
        process.stdin.resume();
        program.alternateBuffer();
        program.hideCursor();
        screen.realloc();
        screen.render();
      };
    },
    resume() {
      takeBack?.();
      takeBack = null;
    },
    close() {
      if (!isOpen) return;
      // What was given away is taken again for a moment: only then can it be left in order.
      takeBack?.();
      isOpen = false;
      screen.destroy();
    },
  };
}

/** Where it sees eight colours there are sixteen: SGR 90 to 97 are older than any terminal in use. */
function allowSixteenColours(tput: object | undefined): void {
  if (tput && 'colors' in tput && tput.colors === 8) tput.colors = 16;
}

function readCells(cells: number | string): number {
  return typeof cells === 'number' ? cells : Number.parseInt(cells, 10) || 0;
}

/** blessed's name of a key in ours; null for the second half of Enter. */
function nameKey(full: string): KeyName | null {
  if (full === 'return') return null;
  if (full.startsWith('C-')) return `ctrl-${full.slice(2)}`;
  return full.startsWith('S-') ? full.slice(2).toUpperCase() : full;
}

function paintFrame(frame: Frame, styles: Readonly<Record<Style, string>>, isUtf8: boolean): string {
  return frame.map((line) => paintLine(line, styles, isUtf8)).join('\n');
}

function paintLine(line: Line, styles: Readonly<Record<Style, string>>, isUtf8: boolean): string {
  const painted = line.map(({ text, style }) => {
    const codes = styles[style];
    const safe = toAgreedCharacters(text, isUtf8);
    return codes === '' ? safe : `\x1b[${codes}m${safe}\x1b[0m`;
  });
  return painted.join('');
}

const ASCII_ONLY = /^[\x20-\x7e]*$/;
/** Wide characters of the basic plane that blessed's tables know to be wide. */
const KNOWN_WIDE =
  /^[\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]$/;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The same cells with characters that blessed measures as we do; question marks for the others. */
function toAgreedCharacters(text: string, isUtf8: boolean): string {
  if (isUtf8 ? isOneCellEach(text) : ASCII_ONLY.test(text)) return text;
  return Array.from(graphemes.segment(text), ({ segment }) => {
    const cells = displayWidth(clean(segment));
    if (!isUtf8) return ASCII_ONLY.test(segment) ? segment : (ASCII_SIGNS.get(segment) ?? '?'.repeat(cells));
    const isAgreed = segment.length === 1 && (cells === 1 || (cells === 2 && KNOWN_WIDE.test(segment)));
    return isAgreed ? segment : '?'.repeat(cells);
  }).join('');
}
