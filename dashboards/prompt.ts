/** A line that the user types at the bottom: what to search, filter, go to or write. */
import { choose, findFrom } from './gaze.ts';
import { chosenRow, rowsOf } from './rows.ts';
import type { Gaze, Prompt, Scene } from './scene.ts';
import type { KeyName } from './surface.ts';
import { clean } from './text.ts';

const LONGEST_LINE = 200;

/** What a key does to the line: a gaze with the line changed, or the line as it was when Enter was pressed. */
export type Typed =
  | { readonly gaze: Gaze; readonly entered: null }
  | { readonly gaze: Gaze; readonly entered: Prompt };

/** Takes one key while a line is being typed. Search moves, and filter acts, with each letter. */
export function typeKey(scene: Scene, prompt: Prompt, key: KeyName): Typed {
  const gaze: Gaze = { ...scene.gaze, said: null };
  if (key === 'enter') return enter(gaze, prompt);
  if (key === 'escape' || key === 'ctrl-c') return { gaze: cancel(gaze, prompt), entered: null };
  const text = editLine(prompt.text, key);
  if (text === null) return { gaze, entered: null };
  return { gaze: follow(scene, { ...gaze, prompt: { ...prompt, text } }), entered: null };
}

/** The line after a key; null where the key means nothing here. */
function editLine(text: string, key: KeyName): string | null {
  if (key === 'backspace') return Array.from(text).slice(0, -1).join('');
  if (key === 'ctrl-u') return '';
  const typed = key === 'space' ? ' ' : key;
  if (Array.from(typed).length !== 1 || clean(typed) !== typed) return null;
  return text.length < LONGEST_LINE ? text + typed : null;
}

function enter(gaze: Gaze, prompt: Prompt): Typed {
  const shut: Gaze = { ...gaze, prompt: null };
  if (prompt.asks === 'time' || prompt.asks === 'write') return { gaze: shut, entered: prompt };
  return { gaze: shut, entered: null };
}

function cancel(gaze: Gaze, { asks }: Prompt): Gaze {
  const shut: Gaze = { ...gaze, prompt: null };
  if (asks === 'filter') return { ...shut, filter: '' };
  return asks === 'search' ? { ...shut, search: '' } : shut;
}

function follow(scene: Scene, gaze: Gaze): Gaze {
  const { prompt } = gaze;
  if (prompt?.asks === 'filter') return { ...gaze, filter: prompt.text };
  if (prompt?.asks !== 'search') return gaze;
  const sought = { ...gaze, search: prompt.text };
  if (prompt.text === '') return choose(sought, null);
  return findFrom(scene, sought, 1, chosenRow(gaze, rowsOf(scene)));
}

/** What the line asks, before what is typed. */
export function promptLabel({ asks }: Prompt): string {
  switch (asks) {
    case 'search':
      return 'search: ';
    case 'filter':
      return 'list only rows with: ';
    case 'time':
      return 'go to (12.5 = seconds, 50%, start, end): ';
    case 'write':
      return 'write to: ';
  }
}
