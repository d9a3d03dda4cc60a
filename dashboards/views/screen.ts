/** Puts a whole screen together: header, the open view's window, footer; exactly the size of the terminal. */
import { BLANK, type Frame, fitFrame, type Line, type Size, span } from '../frame.ts';
import type { Scene } from '../scene.ts';
import { fileLines } from './file.ts';
import { footerLine } from './footer.ts';
import { headerLines } from './header.ts';
import { helpLines } from './help.ts';
import { overviewLines } from './overview.ts';

export const SMALLEST: Size = { width: 60, height: 15 };

/** The frame for a scene: exactly `size`, whatever the scene holds. */
export function renderScreen(scene: Scene, size: Size): Frame {
  if (size.width < SMALLEST.width || size.height < SMALLEST.height) return fitFrame(tooSmall(size), size);
  const header = [...headerLines(scene, size.width), BLANK];
  const room = Math.max(0, size.height - header.length - 1);
  const text = scrolledLines(scene, size.width);
  const body =
    text === null ? overviewBody(scene, size.width, room) : windowOf(text, scene.gaze.scroll, room);
  const hidden = text === null ? 0 : Math.max(0, text.length - scene.gaze.scroll - room);
  const filled = fitFrame([...header, ...body], { width: size.width, height: size.height - 1 });
  return [...filled, ...fitFrame([footerLine(scene, hidden)], { width: size.width, height: 1 })];
}

/** How many lines the open view can be scrolled in a terminal of this size. */
export function scrollRoom(scene: Scene, size: Size): number {
  const text = scrolledLines(scene, size.width);
  const room = size.height - headerLines(scene, size.width).length - 2;
  return text === null ? 0 : Math.max(0, text.length - room);
}

/** The lines of a view that scrolls; null for the overview, which always fits. */
function scrolledLines(scene: Scene, width: number): readonly Line[] | null {
  const { gaze, reading } = scene;
  if (gaze.isHelpOpen) return helpLines(reading.coverage.not_covered, width);
  return gaze.place.at === 'file' ? fileLines(gaze.place.key, reading, width) : null;
}

function overviewBody(scene: Scene, width: number, height: number): readonly Line[] {
  return overviewLines(scene.gaze, scene.reading, { width, height });
}

function windowOf(lines: readonly Line[], scroll: number, height: number): readonly Line[] {
  const top = Math.max(0, Math.min(scroll, lines.length - height));
  return lines.slice(top, top + height);
}

function tooSmall({ width, height }: Size): readonly Line[] {
  return [
    [span(`terminal too small: ${width}×${height}`, 'strong')],
    [span(`whopins needs ${SMALLEST.width}×${SMALLEST.height}`)],
    [span('q quits', 'dim')],
  ];
}
