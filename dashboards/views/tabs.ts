/** The line under the header: the views by their keys, the open one marked, and where one is in it. */
import { formatCount } from '../../src/base/text.ts';
import { taskName } from '../../src/model/wording.ts';
import { type Line, lineWidth, type Span, span, spread } from '../frame.ts';
import { type Scene, TABS, type Tab } from '../scene.ts';
import { clean, cutMiddle } from '../text.ts';
import { namePath } from '../words.ts';

/** One line of `width` cells. */
export function tabLine(scene: Scene, width: number): Line {
  const { place } = scene.gaze;
  const tabs = TABS.flatMap((tab, index) => tabSpans(scene, tab, index + 1));
  const where = describePlace(scene);
  if (where === null) return tabs;
  const room = Math.max(12, width - lineWidth(tabs) - 4);
  const name: Span = { text: cutMiddle(clean(where), room), style: 'selected' };
  return spread(tabs, [span(place.at === 'file' ? ' file ' : ' process ', 'dim'), name, span(' ')], width);
}

function tabSpans(scene: Scene, tab: Tab, key: number): Line {
  const isOpen = scene.gaze.place.at === tab;
  const count = countOf(scene, tab);
  const shown = count > 0 ? ` (${formatCount(count)})` : '';
  const isAlarm = tab === 'waits' && count > 0;
  // The brackets say without colours which one is open.
  const text = isOpen ? `[${key} ${tab}${shown}]` : ` ${key} ${tab}${shown} `;
  return [span(text, isOpen ? 'selected' : isAlarm ? 'critical' : 'dim')];
}

function countOf({ reading }: Scene, tab: Tab): number {
  if (tab === 'files') return reading.files.length;
  return tab === 'waits' ? reading.waiting : 0;
}

function describePlace({ gaze: { place }, reading }: Scene): string | null {
  if (place.at === 'file') return namePath(reading.who(place.key).target);
  return place.at === 'process' ? taskName(reading.task(place.pid)) : null;
}
