/**
 * The key table. Help and footer are made from it, so that no key is undocumented, and each key that can do nothing
 * now has a sentence why.
 */
import type { Scene } from './scene.ts';
import type { KeyName } from './surface.ts';

export type Action =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'open'
  | 'back'
  | 'pause'
  | 'step'
  | 'step-back'
  | 'faster'
  | 'slower'
  | 'start'
  | 'end'
  | 'help'
  | 'quit'
  | 'interrupt';

export interface KeyBinding {
  readonly action: Action;
  readonly keys: readonly KeyName[];
  /** How the help names the keys. */
  readonly shown: string;
  readonly does: string;
  /** A word for the footer; without it, the key is only in the help. */
  readonly brief?: string;
}

export const KEY_TABLE: readonly KeyBinding[] = [
  { action: 'up', keys: ['up', 'k'], shown: '↑ k', does: 'choose the file above, or scroll up' },
  {
    action: 'down',
    keys: ['down', 'j'],
    shown: '↓ j',
    does: 'choose the file below, or scroll down',
  },
  { action: 'page-up', keys: ['pageup'], shown: 'PgUp', does: 'ten rows up' },
  { action: 'page-down', keys: ['pagedown'], shown: 'PgDn', does: 'ten rows down' },
  {
    action: 'open',
    keys: ['enter'],
    shown: 'Enter',
    does: 'open the chosen file: holders, hands, timeline',
    brief: 'open',
  },
  { action: 'back', keys: ['escape'], shown: 'Esc', does: 'back to the files', brief: 'back' },
  {
    action: 'pause',
    keys: ['space'],
    shown: 'Space',
    does: 'pause and go on; tracing continues meanwhile',
    brief: 'pause',
  },
  {
    action: 'step',
    keys: [']', 'right'],
    shown: '] →',
    does: 'one event forward, in a recording',
    brief: 'step',
  },
  { action: 'step-back', keys: ['[', 'left'], shown: '[ ←', does: 'one event back, in a recording' },
  {
    action: 'faster',
    keys: ['>', '.'],
    shown: '>',
    does: 'play a recording twice as fast',
    brief: 'faster',
  },
  { action: 'slower', keys: ['<', ','], shown: '<', does: 'play a recording half as fast' },
  { action: 'start', keys: ['home'], shown: 'Home', does: 'play a recording from its start' },
  { action: 'end', keys: ['end', 'G'], shown: 'End G', does: 'jump to the end of a recording', brief: 'end' },
  { action: 'help', keys: ['?'], shown: '?', does: 'this help, and away again', brief: 'help' },
  { action: 'quit', keys: ['q'], shown: 'q', does: 'quit', brief: 'quit' },
  { action: 'interrupt', keys: ['ctrl-c'], shown: 'Ctrl-C', does: 'quit with exit code 130' },
];

const ACTION_OF_KEY: ReadonlyMap<KeyName, Action> = new Map(
  KEY_TABLE.flatMap(({ keys, action }) => keys.map((key): [KeyName, Action] => [key, action])),
);

/** What a key asks for; null if it is bound to nothing. */
export function actionOfKey(key: KeyName): Action | null {
  return ACTION_OF_KEY.get(key) ?? null;
}

const RECORDING_ONLY: ReadonlySet<Action> = new Set([
  'step',
  'step-back',
  'faster',
  'slower',
  'start',
  'end',
]);

/** Why an action can do nothing now, as a sentence for the footer; null if it can. */
export function whyNot(action: Action, scene: Scene): string | null {
  const { gaze, mode, motion } = scene;
  if (RECORDING_ONLY.has(action) && mode === 'live') {
    return 'this is live: only a recording can be stepped, sped up or jumped in (Space pauses)';
  }
  if (action === 'open' && gaze.isHelpOpen) return 'close the help first (Esc)';
  if (action === 'back' && gaze.place.at === 'overview' && !gaze.isHelpOpen) {
    return 'nothing to go back to (q quits)';
  }
  if (action === 'open' && gaze.place.at === 'file') return 'the file is open already (Esc goes back)';
  if (action === 'open' && scene.reading.files.length === 0) return 'no file to open yet';
  if (action === 'pause' && motion.state === 'stopped')
    return 'tracing has stopped: there is nothing to pause';
  if (motion.state === 'ended' && (action === 'step' || action === 'end' || action === 'pause')) {
    return 'the recording is at its end (Home plays it again)';
  }
  return null;
}
