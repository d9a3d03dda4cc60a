/** The last line: a line that is being typed, the answer to the last key, or the keys that do something here. */
import { type Line, lineWidth, span } from '../frame.ts';
import { KEY_TABLE, type KeyBinding } from '../keys.ts';
import { promptLabel } from '../prompt.ts';
import { whyNot } from '../refusals.ts';
import type { Scene } from '../scene.ts';
import { clean, cutStart } from '../text.ts';

/** One line of `width` cells; `hidden` is the number of lines that are below the window. */
export function footerLine(scene: Scene, hidden: number, width: number): Line {
  const { prompt, said, filter, search } = scene.gaze;
  if (prompt !== null) {
    const label = [span(` ${promptLabel(prompt)}`, 'strong')];
    const note = said === null ? [] : [span(`   ${said}`, 'warning')];
    const room = Math.max(8, width - lineWidth(label) - lineWidth(note) - 2);
    return [
      ...label,
      { text: cutStart(clean(prompt.text), room), style: 'plain' },
      span('▏', 'selected'),
      ...note,
    ];
  }
  if (said !== null) return [span(` ${said} `, 'warning')];
  const below = hidden > 0 ? [span(` ↓ ${hidden} more lines  `, 'strong')] : [span(' ')];
  const listed = filter === '' ? [] : [span(`only '${filter}' (Esc)  `, 'warning')];
  const sought = search === '' ? [] : [span(`/${search} (n N)  `, 'warning')];
  return fitKeys([...below, ...listed, ...sought], usableKeys(scene), width);
}

function usableKeys(scene: Scene): readonly KeyBinding[] {
  return KEY_TABLE.filter(({ brief, action }) => brief !== undefined && whyNot(action, scene) === null);
}

/** Keys as long as there is room; help and quit stay, because everything else can be found from there. */
function fitKeys(before: Line, keys: readonly KeyBinding[], width: number): Line {
  const show = ({ shown, brief = '' }: KeyBinding): Line => [
    span(shown, 'strong'),
    span(` ${brief}  `, 'dim'),
  ];
  const last = keys.filter(({ action }) => action === 'help' || action === 'quit').flatMap(show);
  let room = width - lineWidth(before) - lineWidth(last);
  const first = keys
    .filter(({ action }) => action !== 'help' && action !== 'quit')
    .flatMap((key) => {
      const spans = show(key);
      room -= lineWidth(spans);
      return room >= 0 ? spans : [];
    });
  return [...before, ...first, ...last];
}
