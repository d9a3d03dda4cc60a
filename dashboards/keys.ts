/**
 * The key table. Help and footer are made from it, so that no key is undocumented, and each key that can do nothing
 * now has a sentence why (`refusals.ts`).
 */
import type { KeyName } from './surface.ts';

export type Action =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'left'
  | 'right'
  | 'next-view'
  | 'previous-view'
  | 'view-1'
  | 'view-2'
  | 'view-3'
  | 'view-4'
  | 'view-5'
  | 'open'
  | 'back'
  | 'search'
  | 'next-match'
  | 'previous-match'
  | 'filter'
  | 'sort'
  | 'zoom-in'
  | 'zoom-out'
  | 'whole'
  | 'pause'
  | 'step'
  | 'step-back'
  | 'next-finding'
  | 'previous-finding'
  | 'faster'
  | 'slower'
  | 'go'
  | 'end'
  | 'plan'
  | 'write'
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

/** Bindings under the heading that the help gives them. */
export interface KeyGroup {
  readonly title: string;
  readonly bindings: readonly KeyBinding[];
}

export const KEY_GROUPS: readonly KeyGroup[] = [
  {
    title: 'MOVE',
    bindings: [
      { action: 'up', keys: ['up', 'k'], shown: '↑ k', does: 'the row above, or scroll up' },
      { action: 'down', keys: ['down', 'j'], shown: '↓ j', does: 'the row below, or scroll down' },
      { action: 'page-up', keys: ['pageup', 'ctrl-b'], shown: 'PgUp', does: 'a page up' },
      { action: 'page-down', keys: ['pagedown', 'ctrl-f'], shown: 'PgDn', does: 'a page down' },
      { action: 'first', keys: ['home'], shown: 'Home', does: 'the first row' },
      { action: 'last', keys: ['end'], shown: 'End', does: 'the last row; of events: follow the latest' },
      {
        action: 'left',
        keys: ['left', 'h'],
        shown: '← h',
        does: 'in a file: the moment before on its time line; else the view before',
      },
      {
        action: 'right',
        keys: ['right', 'l'],
        shown: '→ l',
        does: 'in a file: the next moment on its time line; else the next view',
      },
      {
        action: 'zoom-in',
        keys: ['+', '='],
        shown: '+',
        does: 'in a file: half as much time, around the cursor',
      },
      { action: 'zoom-out', keys: ['-'], shown: '-', does: 'in a file: twice as much time' },
      {
        action: 'whole',
        keys: ['0'],
        shown: '0',
        does: 'in a file: its whole time, following the latest moment',
      },
    ],
  },
  {
    title: 'VIEWS',
    bindings: [
      {
        action: 'open',
        keys: ['enter'],
        shown: 'Enter',
        does: 'open the chosen file, process or event',
        brief: 'open',
      },
      { action: 'back', keys: ['escape'], shown: 'Esc', does: 'back; drop the filter', brief: 'back' },
      { action: 'next-view', keys: ['tab'], shown: 'Tab', does: 'the next view', brief: 'view' },
      { action: 'previous-view', keys: ['TAB'], shown: 'S-Tab', does: 'the view before' },
      { action: 'view-1', keys: ['1'], shown: '1', does: 'files, those with trouble first' },
      { action: 'view-2', keys: ['2'], shown: '2', does: 'processes that hold, wait or block' },
      { action: 'view-3', keys: ['3'], shown: '3', does: 'who waits for whom, circles marked' },
      { action: 'view-4', keys: ['4'], shown: '4', does: 'the log of events' },
      { action: 'view-5', keys: ['5'], shown: '5', does: 'what this trace covers, and what it lost' },
      { action: 'search', keys: ['/'], shown: '/', does: 'search in the list', brief: 'search' },
      { action: 'next-match', keys: ['n'], shown: 'n', does: 'the next row that matches the search' },
      { action: 'previous-match', keys: ['N'], shown: 'N', does: 'the row before that matches' },
      {
        action: 'filter',
        keys: ['f'],
        shown: 'f',
        does: 'list only rows that have a text in them',
        brief: 'filter',
      },
      {
        action: 'sort',
        keys: ['s'],
        shown: 's',
        does: 'sort files by trouble, pinned bytes, latest change, path',
      },
    ],
  },
  {
    title: 'TIME',
    bindings: [
      {
        action: 'pause',
        keys: ['space'],
        shown: 'Space',
        does: 'pause and go on; a live trace is traced on meanwhile',
        brief: 'pause',
      },
      { action: 'step', keys: [']'], shown: ']', does: 'in a recording: one event forward', brief: 'step' },
      { action: 'step-back', keys: ['['], shown: '[', does: 'in a recording: one event back' },
      {
        action: 'next-finding',
        keys: ['}'],
        shown: '}',
        does: 'in a recording: on to the next finding; in a file: of that file',
        brief: 'finding',
      },
      {
        action: 'previous-finding',
        keys: ['{'],
        shown: '{',
        does: 'in a recording: back to the finding before',
      },
      {
        action: 'faster',
        keys: ['>', '.'],
        shown: '>',
        does: 'in a recording: twice as fast',
        brief: 'faster',
      },
      { action: 'slower', keys: ['<', ','], shown: '<', does: 'in a recording: half as fast' },
      {
        action: 'go',
        keys: ['g'],
        shown: 'g',
        does: 'in a recording: go to a time (12.5) or a percentage (50%)',
        brief: 'go',
      },
      { action: 'end', keys: ['G'], shown: 'G', does: 'the end of a recording; live: the present' },
    ],
  },
  {
    title: 'DO',
    bindings: [
      {
        action: 'plan',
        keys: ['y'],
        shown: 'y',
        does: 'what to release, and who then goes on',
        brief: 'plan',
      },
      {
        action: 'write',
        keys: ['w'],
        shown: 'w',
        does: 'write what is seen as text; live: record from now on (NAME.ndjson.gz), and again: stop',
        brief: 'write',
      },
      { action: 'help', keys: ['?'], shown: '?', does: 'this help, and away again', brief: 'help' },
      { action: 'quit', keys: ['q'], shown: 'q', does: 'quit', brief: 'quit' },
      { action: 'interrupt', keys: ['ctrl-c'], shown: 'Ctrl-C', does: 'quit with exit code 130' },
    ],
  },
];

export const KEY_TABLE: readonly KeyBinding[] = KEY_GROUPS.flatMap(({ bindings }) => bindings);

const ACTION_OF_KEY: ReadonlyMap<KeyName, Action> = new Map(
  KEY_TABLE.flatMap(({ keys, action }) => keys.map((key): [KeyName, Action] => [key, action])),
);

/** What a key asks for; null if it is bound to nothing. */
export function actionOfKey(key: KeyName): Action | null {
  return ACTION_OF_KEY.get(key) ?? null;
}
