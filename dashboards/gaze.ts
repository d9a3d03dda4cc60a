/** How keys move the user's eye: pure steps from gaze to gaze. What moves time is the feed's business. */
import type { TimelineEntry } from '../src/model/answer.ts';
import type { Action } from './keys.ts';
import { chosen, chosenRow, findRow, type Row, rowsOf } from './rows.ts';
import { type Gaze, type Lens, type Place, type Scene, SORTS, type Sort, TABS, type Tab } from './scene.ts';
import { cursorRow, placeBehind } from './subject.ts';

/** How far the open text can be scrolled, and how many rows a page has. */
export interface Room {
  readonly scroll: number;
  readonly page: number;
}

const NEAREST = 1 / 4096;

/** The gaze after an action. */
export function moveGaze(scene: Scene, action: Action, room: Room): Gaze {
  const gaze: Gaze = { ...scene.gaze, said: null };
  switch (action) {
    case 'up':
      return moveBy(scene, gaze, -1, room);
    case 'down':
      return moveBy(scene, gaze, 1, room);
    case 'page-up':
      return moveBy(scene, gaze, -room.page, room);
    case 'page-down':
      return moveBy(scene, gaze, room.page, room);
    case 'first':
      return moveBy(scene, gaze, Number.NEGATIVE_INFINITY, room);
    case 'last':
      return moveBy(scene, gaze, Number.POSITIVE_INFINITY, room);
    case 'left':
      return gaze.place.at === 'file' ? moveCursor(scene, gaze, -1) : turnTab(gaze, -1);
    case 'right':
      return gaze.place.at === 'file' ? moveCursor(scene, gaze, 1) : turnTab(gaze, 1);
    case 'next-view':
      return turnTab(gaze, 1);
    case 'previous-view':
      return turnTab(gaze, -1);
    case 'view-1':
    case 'view-2':
    case 'view-3':
    case 'view-4':
    case 'view-5':
      return goToTab(gaze, TABS[Number(action.slice(5)) - 1] ?? 'files');
    case 'open':
      return openChosen(scene, gaze);
    case 'back':
      return goBack(gaze);
    case 'help':
    case 'plan':
      return { ...gaze, overlay: gaze.overlay === action ? null : action, scroll: 0 };
    case 'sort':
      return sortNext(gaze);
    case 'search':
    case 'filter':
      return { ...gaze, prompt: { asks: action, text: '' } };
    case 'go':
      return { ...gaze, prompt: { asks: 'time', text: '' } };
    case 'next-match':
      return findNext(scene, gaze, 1);
    case 'previous-match':
      return findNext(scene, gaze, -1);
    case 'zoom-in':
      return { ...gaze, lens: zoom(gaze.lens, 0.5) };
    case 'zoom-out':
      return { ...gaze, lens: zoom(gaze.lens, 2) };
    case 'whole':
      return { ...gaze, lens: { share: 1, cursor: null } };
    default:
      return gaze;
  }
}

function moveBy(scene: Scene, gaze: Gaze, by: number, room: Room): Gaze {
  const isText = gaze.overlay !== null || gaze.place.at === 'file' || gaze.place.at === 'coverage';
  if (isText) return { ...gaze, scroll: clamp(Math.min(gaze.scroll, room.scroll) + by, room.scroll) };
  const rows = rowsOf(scene);
  const row = clamp(chosenRow(gaze, rows) + by, rows.length - 1);
  // At the end of the log the choice is "the latest", which moves on.
  const isLatest = gaze.place.at === 'events' && row === rows.length - 1;
  return isLatest ? choose(gaze, null) : choose(gaze, rows.at(row) ?? null);
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}

/** The gaze with another row chosen; null chooses none. */
export function choose(gaze: Gaze, row: Row | null): Gaze {
  const { at } = gaze.place;
  if (row === null) {
    return at === 'events' ? { ...gaze, chosen: { ...gaze.chosen, events: null } } : gaze;
  }
  switch (row.kind) {
    case 'file':
      return { ...gaze, chosen: { ...gaze.chosen, files: row.id } };
    case 'process':
      return { ...gaze, chosen: { ...gaze.chosen, processes: row.id } };
    case 'wait':
      return { ...gaze, chosen: { ...gaze.chosen, waits: row.id } };
    case 'event':
      return { ...gaze, chosen: { ...gaze.chosen, events: row.id } };
  }
}

function turnTab(gaze: Gaze, by: number): Gaze {
  const tabs: readonly string[] = TABS;
  const at = [gaze.place, ...gaze.trail].map((place) => tabs.indexOf(place.at));
  const from = Math.max(0, at.find((index) => index >= 0) ?? 0);
  return goToTab(gaze, TABS[(from + by + TABS.length) % TABS.length] ?? 'files');
}

function goToTab(gaze: Gaze, tab: Tab): Gaze {
  return { ...gaze, place: { at: tab }, trail: [], overlay: null, scroll: 0, filter: '', search: '' };
}

const LONGEST_TRAIL = 50;

function openChosen(scene: Scene, gaze: Gaze): Gaze {
  const place = placeBehind(scene);
  if (place === null) return { ...gaze, said: 'nothing more is known of this' };
  if (isSame(place, gaze.place)) return { ...gaze, said: 'that is what is open already' };
  const row = chosen(scene);
  const before = row === undefined ? gaze : choose(gaze, row);
  const trail = [...gaze.trail, gaze.place].slice(-LONGEST_TRAIL);
  const lens = place.at === 'file' ? { share: 1, cursor: null } : gaze.lens;
  return { ...before, place, trail, scroll: 0, filter: '', search: '', lens };
}

function isSame(one: Place, other: Place): boolean {
  if (one.at === 'file') return other.at === 'file' && one.key === other.key;
  if (one.at === 'process') return other.at === 'process' && one.pid === other.pid;
  return one.at === other.at;
}

function goBack(gaze: Gaze): Gaze {
  if (gaze.overlay !== null) return { ...gaze, overlay: null, scroll: 0 };
  if (gaze.filter !== '' || gaze.search !== '') return { ...gaze, filter: '', search: '' };
  const place = gaze.trail.at(-1) ?? { at: 'files' };
  return { ...gaze, place, trail: gaze.trail.slice(0, -1), scroll: 0 };
}

const SORT_WORDS: Readonly<Record<Sort, string>> = {
  trouble: 'trouble first',
  pinned: 'most pinned first',
  latest: 'latest change first',
  path: 'by path',
};

function sortNext(gaze: Gaze): Gaze {
  const sort = SORTS[(SORTS.indexOf(gaze.sort) + 1) % SORTS.length] ?? 'trouble';
  return { ...gaze, sort, said: `files: ${SORT_WORDS[sort]}` };
}

function findNext(scene: Scene, gaze: Gaze, direction: 1 | -1): Gaze {
  return findFrom(scene, gaze, direction, chosenRow(gaze, rowsOf(scene)) + direction);
}

/** The gaze on the next row that matches the search, from a row on. */
export function findFrom(scene: Scene, gaze: Gaze, direction: 1 | -1, from: number): Gaze {
  const row = findRow(scene, gaze.search, direction, from);
  if (row === null) return { ...gaze, said: `no row has '${gaze.search}' in it` };
  return choose(gaze, rowsOf(scene).at(row) ?? null);
}

function zoom(lens: Lens, by: number): Lens {
  return { ...lens, share: Math.min(1, Math.max(NEAREST, lens.share * by)) };
}

function moveCursor({ reading }: Scene, gaze: Gaze, by: number): Gaze {
  if (gaze.place.at !== 'file') return gaze;
  const entries = reading.timeline(gaze.place.key);
  if (entries.length === 0) return { ...gaze, said: 'nothing was seen to happen to this file yet' };
  const row = clamp(cursorRow(entries, gaze.lens) + by, entries.length - 1);
  const cursor = row === entries.length - 1 ? null : momentAt(entries, row);
  return { ...gaze, lens: { ...gaze.lens, cursor } };
}

function momentAt(entries: readonly TimelineEntry[], row: number): Lens['cursor'] {
  const at_ns = entries[row]?.at_ns ?? 0;
  const first = entries.findIndex((entry) => entry.at_ns === at_ns);
  return { at_ns, nth: row - first };
}
