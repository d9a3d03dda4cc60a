/** Why a key can do nothing now: one sentence each, shown instead of silence. */
import type { Action } from './keys.ts';
import { rowsOf } from './rows.ts';
import type { Scene } from './scene.ts';
import { planKey } from './subject.ts';

const RECORDING_ONLY: ReadonlySet<Action> = new Set([
  'step',
  'step-back',
  'next-finding',
  'previous-finding',
  'faster',
  'slower',
  'go',
]);
const TIME_LINE_ONLY: ReadonlySet<Action> = new Set(['zoom-in', 'zoom-out', 'whole']);
const LIST_ONLY: ReadonlySet<Action> = new Set(['search', 'filter', 'next-match', 'previous-match']);

/** Why an action can do nothing now, as a sentence for the footer; null if it can. */
export function whyNot(action: Action, scene: Scene): string | null {
  const { gaze, mode, motion } = scene;
  const { place } = gaze;
  if (RECORDING_ONLY.has(action) && mode === 'live') {
    return 'this is live: only a recording can be stepped, sped up or jumped in (Space pauses)';
  }
  if (gaze.overlay !== null && isHidden(action)) return `close the ${gaze.overlay} first (Esc)`;
  if (TIME_LINE_ONLY.has(action) && place.at !== 'file')
    return 'only a file has a time line: open one (Enter)';
  const isList = place.at !== 'file' && place.at !== 'process' && place.at !== 'coverage';
  if (LIST_ONLY.has(action) && !isList) return 'there is no list here: Esc leads back to one';
  if ((action === 'next-match' || action === 'previous-match') && gaze.search === '') {
    return 'nothing was searched for yet (/)';
  }
  if (action === 'sort' && place.at !== 'files') return 'only the list of files can be sorted (1)';
  if (action === 'open') return whyNotOpen(scene);
  if (action === 'back') return whyNotBack(scene);
  if (action === 'plan' && planKey(scene) === null) return 'choose a file, a process or a wait first';
  if (action === 'pause' && motion.state === 'stopped')
    return 'tracing has stopped: there is nothing to pause';
  if (action === 'end' && mode === 'live' && motion.state !== 'paused')
    return 'this is live: the present is shown';
  if (motion.state === 'ended' && (action === 'step' || action === 'end' || action === 'next-finding')) {
    return 'the recording is at its end (Space plays it again)';
  }
  return null;
}

/** What would happen behind the overlay, unseen. */
function isHidden(action: Action): boolean {
  return LIST_ONLY.has(action) || TIME_LINE_ONLY.has(action) || action === 'open' || action === 'sort';
}

function whyNotOpen(scene: Scene): string | null {
  switch (scene.gaze.place.at) {
    case 'file':
      return scene.reading.who(scene.gaze.place.key).holders.length === 0 &&
        scene.reading.timeline(scene.gaze.place.key).length === 0
        ? 'the file is open already, and no process has to do with it (Esc goes back)'
        : null;
    case 'coverage':
      return 'there is nothing to open here';
    case 'process':
      return (scene.reading.process(scene.gaze.place.pid)?.holds.length ?? 0) === 0
        ? 'this process has to do with no file'
        : null;
    default:
      return rowsOf(scene).length === 0 ? 'there is nothing to open yet' : null;
  }
}

function whyNotBack({ gaze }: Scene): string | null {
  if (gaze.overlay !== null || gaze.filter !== '' || gaze.search !== '' || gaze.trail.length > 0) return null;
  return gaze.place.at === 'files' ? 'nothing to go back to (q quits)' : null;
}
