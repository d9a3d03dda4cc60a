/**
 * `npm run picture`: takes the README's picture from a real terminal. The dashboard plays the bundled recording under
 * tmux, is paused while the pin is held, its file is opened, and what stands on the screen, colours included, becomes an SVG.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openTerminal } from './tmux.ts';

const WIDTH = 112;
const HEIGHT = 32;
const CELL = { width: 8.4, height: 18 };
const MARGIN = 12;
const PAPER = '#16181d';
const INK = '#d7dae0';

const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The sixteen colours that SGR 30 to 37 and 90 to 97 name. */
const COLOURS = [
  ...['#3f4451', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d7dae0'],
  ...['#7f848e', '#ff7b86', '#a9d88b', '#f0cf8d', '#74bdfc', '#d78dea', '#67c7d3', '#ffffff'],
];

/** One SGR sequence; made from text, since a lint rule distrusts control characters in patterns. */
const SGR = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`);

interface Pen {
  readonly colour: number | null;
  readonly bold: boolean;
  readonly reverse: boolean;
}
const PLAIN: Pen = { colour: null, bold: false, reverse: false };

/** The pen after one SGR sequence; codes that the dashboard never uses are left aside. */
function applySgr(pen: Pen, codes: string): Pen {
  let { colour, bold, reverse } = pen;
  for (const code of codes.split(';').map(Number)) {
    if (code === 0) ({ colour, bold, reverse } = PLAIN);
    else if (code === 1) bold = true;
    else if (code === 7) reverse = true;
    else if (code === 39) colour = null;
    else if (code >= 30 && code <= 37) colour = code - 30;
    else if (code >= 90 && code <= 97) colour = code - 90 + 8;
  }
  return { colour, bold, reverse };
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** One run of cells in one pen, placed by column so that no font's own widths matter. */
function paintRun(text: string, column: number, row: number, pen: Pen): string {
  const x = MARGIN + column * CELL.width;
  const y = MARGIN + row * CELL.height;
  const length = (text.length * CELL.width).toFixed(1);
  const ink = pen.colour === null ? INK : (COLOURS[pen.colour] ?? INK);
  const background = pen.reverse
    ? `<rect x="${x.toFixed(1)}" y="${y}" width="${length}" height="${CELL.height}" fill="${ink}"/>`
    : '';
  if (text.trim() === '') return background;
  const weight = pen.bold ? ' font-weight="bold"' : '';
  const fill = pen.reverse ? PAPER : ink;
  const place = `x="${x.toFixed(1)}" y="${y + 13}" textLength="${length}"`;
  return `${background}<text ${place} fill="${fill}"${weight}>${escapeXml(text)}</text>`;
}

/** A screen of `tmux capture-pane -e` as SVG. */
function paintSvg(screen: string): string {
  const width = 2 * MARGIN + WIDTH * CELL.width;
  const height = 2 * MARGIN + HEIGHT * CELL.height;
  let pen = PLAIN;
  const runs = screen.split('\n').flatMap((line, row) => {
    let column = 0;
    // Odd parts are the codes of a sequence, even parts the text between.
    return line.split(SGR).map((part, i) => {
      if (i % 2 === 1) {
        pen = applySgr(pen, part);
        return '';
      }
      const painted = part === '' ? '' : paintRun(part, column, row, pen);
      column += part.length;
      return painted;
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" xml:space="preserve"`,
    ` font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">`,
    `<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>\n`,
    ...runs.filter((run) => run !== '').map((run) => `${run}\n`),
    '</svg>\n',
  ].join('');
}

const terminal = await openTerminal(WIDTH, HEIGHT);
try {
  const cli = `${process.execPath} --import ${import.meta.resolve('tsx')} ${inRoot('src/cli.ts')}`;
  await terminal.type(`clear; ${cli} replay ${inRoot('dashboards/demo/rdma-handed-over.ndjson.gz')}`);
  await terminal.waitFor(/q quit/);
  // The pin is still held, and the truncate went through under it.
  await terminal.press('Space', 'g', '8', '.', '5', 'Enter');
  await terminal.waitFor(/‖ paused {2}8\.5 s/, /freed-under-pin/, /to free/);
  await terminal.press('Enter');
  await terminal.waitFor(/TIME LINE/, /\[?1 files/);
  writeFileSync(inRoot('dashboards/demo/dashboard.svg'), paintSvg(await terminal.painted()));
  await terminal.press('q');
} finally {
  await terminal.close();
}
