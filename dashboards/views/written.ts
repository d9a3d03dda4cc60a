/** What `w` writes: the open view as it would stand on a terminal high enough for all of it. */
import { type Frame, lineText, type Size } from '../frame.ts';
import { rowsOf } from '../rows.ts';
import type { Scene } from '../scene.ts';
import { renderScreen, roomOf } from './screen.ts';

const MOST_LINES = 20_000;
const WIDEST = 200;

/** Header and body; without the footer, whose keys nobody can press on paper. */
export function writtenView(scene: Scene, size: Size): Frame {
  const whole = { ...scene, gaze: { ...scene.gaze, said: null, prompt: null, scroll: 0 } };
  const width = Math.max(size.width, Math.min(WIDEST, size.width * 2));
  const more = Math.max(rowsOf(scene).length, roomOf(whole, size).scroll);
  const height = Math.min(MOST_LINES, size.height + more);
  const lines = renderScreen(whole, { width, height }).slice(0, -1);
  const last = lines.findLastIndex((line) => lineText(line).trim() !== '');
  return lines.slice(0, last + 1);
}
