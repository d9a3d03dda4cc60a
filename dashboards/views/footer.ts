/** The last line: the answer to the last key, or the keys that do something here. */
import { type Line, span } from '../frame.ts';
import { KEY_TABLE, whyNot } from '../keys.ts';
import type { Scene } from '../scene.ts';

/** One line; `hidden` is the number of lines that are below the window. */
export function footerLine(scene: Scene, hidden: number): Line {
  if (scene.gaze.said !== null) return [span(` ${scene.gaze.said} `, 'warning')];
  const usable = KEY_TABLE.filter(
    ({ brief, action }) => brief !== undefined && whyNot(action, scene) === null,
  );
  const below = hidden > 0 ? [span(` ↓ ${hidden} more lines  `, 'strong')] : [span(' ')];
  return [
    ...below,
    ...usable.flatMap(({ shown, brief }) => [span(shown, 'strong'), span(` ${brief}  `, 'dim')]),
  ];
}
