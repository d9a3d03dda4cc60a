/** Puts a whole screen together: header, the open view's window, footer; exactly the size of the terminal. */
import { unreachable } from '../../src/base/brand.ts';
import { type Frame, fitFrame, type Line, type Size, span } from '../frame.ts';
import type { Room } from '../gaze.ts';
import type { Scene } from '../scene.ts';
import { planKey } from '../subject.ts';
import { coverageLines } from './coverage.ts';
import { eventLines } from './events.ts';
import { fileLines, fileTimeLines } from './file.ts';
import { footerLine } from './footer.ts';
import { headerLines } from './header.ts';
import { helpLines } from './help.ts';
import { overviewLines } from './overview.ts';
import { planLines } from './plan.ts';
import { processLines } from './process.ts';
import { processesLines } from './processes.ts';
import { tabLine } from './tabs.ts';
import { waitLines } from './waits.ts';

export const SMALLEST: Size = { width: 60, height: 15 };

/** The frame for a scene: exactly `size`, whatever the scene holds. */
export function renderScreen(scene: Scene, size: Size): Frame {
  if (size.width < SMALLEST.width || size.height < SMALLEST.height) return fitFrame(tooSmall(size), size);
  const header = [...headerLines(scene, size.width), tabLine(scene, size.width)];
  const body = bodyOf(scene, { width: size.width, height: Math.max(0, size.height - header.length - 1) });
  const filled = fitFrame([...header, ...body.lines], { width: size.width, height: size.height - 1 });
  const footer = footerLine(scene, body.hidden, size.width);
  return [...filled, ...fitFrame([footer], { width: size.width, height: 1 })];
}

/** How far the open view can be scrolled in a terminal of this size, and how many rows a page has. */
export function roomOf(scene: Scene, size: Size): Room {
  const height = Math.max(0, size.height - headerLines(scene, size.width).length - 2);
  const { text, window } = textOf(scene, { width: size.width, height });
  return {
    scroll: text === null ? 0 : Math.max(0, text.length - window),
    page: Math.max(1, (text === null ? Math.floor(height / 2) : window) - 1),
  };
}

interface Body {
  readonly lines: readonly Line[];
  /** Lines of a text that are below the window. */
  readonly hidden: number;
}

function bodyOf(scene: Scene, size: Size): Body {
  const { text, window, below } = textOf(scene, size);
  if (text === null) return { lines: listOf(scene, size), hidden: 0 };
  const top = Math.max(0, Math.min(scene.gaze.scroll, text.length - window));
  const shown = text.slice(top, top + window);
  const blank = Array.from({ length: window - shown.length }, (): Line => []);
  return {
    lines: below.length === 0 ? shown : [...shown, ...blank, ...below],
    hidden: Math.max(0, text.length - top - window),
  };
}

/** The lines of a view that scrolls, the rows of its window, and what stays below it; null where a view is a list. */
function textOf(
  scene: Scene,
  size: Size,
): { readonly text: readonly Line[] | null; readonly window: number; readonly below: readonly Line[] } {
  const { gaze, reading } = scene;
  const { width, height } = size;
  const whole = (text: readonly Line[]) => ({ text, window: height, below: [] });
  if (gaze.overlay === 'help') return whole(helpLines(reading.coverage.not_covered, width));
  const key = gaze.overlay === 'plan' ? planKey(scene) : null;
  if (key !== null) return whole(planLines(key, reading, width));
  if (gaze.place.at === 'coverage') return whole(coverageLines(scene, width));
  if (gaze.place.at !== 'file') return { text: null, window: height, below: [] };
  const below = fileTimeLines(scene, gaze.place.key, size);
  return {
    text: fileLines(gaze.place.key, reading, width),
    window: Math.max(1, height - below.length),
    below,
  };
}

function listOf(scene: Scene, size: Size): readonly Line[] {
  const { place } = scene.gaze;
  switch (place.at) {
    case 'files':
      return overviewLines(scene, size);
    case 'processes':
      return processesLines(scene, size);
    case 'waits':
      return waitLines(scene, size);
    case 'events':
      return eventLines(scene, size);
    case 'process':
      return processLines(place.pid, scene, size);
    case 'file':
    case 'coverage':
      return [];
    default:
      return unreachable(place);
  }
}

function tooSmall({ width, height }: Size): readonly Line[] {
  return [
    [span(`terminal too small: ${width}×${height}`, 'strong')],
    [span(`whopins needs ${SMALLEST.width}×${SMALLEST.height}`)],
    [span('q quits', 'dim')],
  ];
}
