/** How keys move the user's eye: pure steps from gaze to gaze. What moves time is the feed's business. */
import type { Action } from './keys.ts';
import { type Gaze, type Scene, selectedRow } from './scene.ts';

const PAGE_ROWS = 10;

/** The gaze after an action; `scrollRoom` is how far the open text can be scrolled. */
export function moveGaze(scene: Scene, action: Action, scrollRoom: number): Gaze {
  const gaze: Gaze = { ...scene.gaze, said: null };
  switch (action) {
    case 'up':
      return moveBy(scene, gaze, -1, scrollRoom);
    case 'down':
      return moveBy(scene, gaze, 1, scrollRoom);
    case 'page-up':
      return moveBy(scene, gaze, -PAGE_ROWS, scrollRoom);
    case 'page-down':
      return moveBy(scene, gaze, PAGE_ROWS, scrollRoom);
    case 'help':
      return { ...gaze, isHelpOpen: !gaze.isHelpOpen, scroll: 0 };
    case 'back':
      if (gaze.isHelpOpen) return { ...gaze, isHelpOpen: false, scroll: 0 };
      return { ...gaze, place: { at: 'overview' }, scroll: 0 };
    case 'open':
      return openSelected(scene, gaze);
    default:
      return gaze;
  }
}

function moveBy(scene: Scene, gaze: Gaze, rows: number, scrollRoom: number): Gaze {
  if (gaze.isHelpOpen || gaze.place.at === 'file') {
    return { ...gaze, scroll: clamp(gaze.scroll + rows, scrollRoom) };
  }
  const { files } = scene.reading;
  const chosen = files[clamp(selectedRow(gaze, files) + rows, files.length - 1)];
  return chosen === undefined ? gaze : { ...gaze, selected: chosen.key };
}

function openSelected(scene: Scene, gaze: Gaze): Gaze {
  const chosen = scene.reading.files[selectedRow(gaze, scene.reading.files)];
  if (chosen === undefined) return gaze;
  return { ...gaze, place: { at: 'file', key: chosen.key }, selected: chosen.key, scroll: 0 };
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
