/** What the open view lists: its rows by what they are, after filter and sort, and which one is chosen. */
import { unreachable } from '../src/base/brand.ts';
import type { Event, InodeKey } from '../src/event/event.ts';
import type { FileSummary } from '../src/model/answer.ts';
import type { FilteredFiles } from '../src/model/select/file-index.ts';
import type { OrderedFiles } from '../src/model/select/ranking.ts';
import { taskName } from '../src/model/wording.ts';
import type { EventLog } from './event-log.ts';
import { matcherOf, type TextMatcher } from './file-filter.ts';
import { type ProcessRow, processRows } from './processes.ts';
import { type RowList, rowList } from './row-list.ts';
import { eventText, rowMatcher, waitText } from './row-text.ts';
import type { Gaze, Reading, Scene } from './scene.ts';
import { byTrouble } from './trouble.ts';
import { type WaitRow, waitTree } from './wait-tree.ts';

export type Row =
  | { readonly kind: 'file'; readonly id: InodeKey; readonly file: FileSummary }
  | { readonly kind: 'process'; readonly id: number; readonly process: ProcessRow }
  | { readonly kind: 'wait'; readonly id: string; readonly wait: WaitRow }
  | { readonly kind: 'event'; readonly id: number; readonly event: Event };

export type Rows = RowList<Row, Row['id']>;

/** With a filter, so many of the latest events are looked through. */
export const SEARCHED_EVENTS = 10_000;

const known = new WeakMap<Scene, Rows>();

/** The rows of the open list; none where the view is no list. A scene is asked many times and lists once. */
export function rowsOf(scene: Scene): Rows {
  let rows = known.get(scene);
  if (rows === undefined) {
    rows = listRows(scene);
    known.set(scene, rows);
  }
  return rows;
}

function listRows({ gaze, reading }: Scene): Rows {
  const { place, sort, filter } = gaze;
  const has = matcherOf(filter);
  switch (place.at) {
    case 'files':
      return filter === ''
        ? fileRows(reading.sorted(sort))
        : filteredFileRows(reading.filtered(sort, filter));
    case 'processes':
      return rowsFor(
        filtered(processRows(reading), filter, ({ pid }) => has(taskName(reading.task(pid)))),
        ({ pid }) => pid,
        (process) => ({ kind: 'process', id: process.pid, process }),
      );
    case 'waits':
      return rowsFor(
        filtered(waitTree(reading.waits()), filter, (wait) => has(waitText(wait))),
        ({ id }) => id,
        (wait) => ({ kind: 'wait', id: wait.id, wait }),
      );
    case 'events':
      return filter === '' ? eventRows(reading.log) : eventRowsWith(reading.log, has);
    case 'process':
      // They are few, and are not filtered: its view is no search.
      return rowsFor(filesOfProcess(reading, place.pid), ({ key }) => key, fileRow);
    case 'file':
    case 'coverage':
      return rowsFor([], () => 0, fileRow);
    default:
      return unreachable(place);
  }
}

/** All where nothing is filtered by. */
function filtered<Item>(
  items: readonly Item[],
  filter: string,
  hasText: (item: Item) => boolean,
): readonly Item[] {
  return filter === '' ? items : items.filter(hasText);
}

function fileRows(files: OrderedFiles): Rows {
  return rowList<Row, Row['id']>({
    length: files.length,
    rowAt(index) {
      const file = files.at(index);
      return file && fileRow(file);
    },
    find: (id) => (typeof id === 'string' ? files.indexOf(id as InodeKey) : -1),
  });
}

function fileRow(file: FileSummary): Row {
  return { kind: 'file', id: file.key, file };
}

function filteredFileRows({ files, isWhole }: FilteredFiles): Rows {
  return { ...fileRows(files), isWhole };
}

function rowsFor<Item>(
  items: readonly Item[],
  idOf: (item: Item) => Row['id'],
  rowOf: (item: Item) => Row,
): Rows {
  return rowList({
    length: items.length,
    rowAt(index) {
      const item = items[index];
      return item && rowOf(item);
    },
    find: (id) => items.findIndex((item) => idOf(item) === id),
  });
}

/** All that the log keeps. */
function eventRows(log: EventLog): Rows {
  return rowList<Row, Row['id']>({
    length: log.end - log.first,
    rowAt: (index) => eventRow(log, log.first + index),
    find: (id) => (typeof id === 'number' && id >= log.first && id < log.end ? id - log.first : -1),
  });
}

/** Those of the latest that have the text in them. */
function eventRowsWith(log: EventLog, has: TextMatcher): Rows {
  const found: Row[] = [];
  for (let number = Math.max(log.first, log.end - SEARCHED_EVENTS); number < log.end; number += 1) {
    const row = eventRow(log, number);
    if (row?.kind === 'event' && has(eventText(row.event))) found.push(row);
  }
  return rowsFor(
    found,
    ({ id }) => id,
    (row) => row,
  );
}

function eventRow(log: EventLog, number: number): Row | undefined {
  const event = log.at(number);
  return event && { kind: 'event', id: number, event };
}

/** The files on which a process has leases or pins, which it took, passed on, or waits for. */
export function filesOfProcess(reading: Reading, pid: number): readonly FileSummary[] {
  const keys = new Set(reading.process(pid)?.holds.map(({ key }) => key));
  for (const { waiter, key } of reading.waits()) if (waiter.pid === pid) keys.add(key);
  // They are few of ten thousand.
  const files = [...keys].flatMap((key) => reading.file(key) ?? []);
  return files.sort(byTrouble);
}

/** The place of the chosen row; the first one, of events the last, where nothing is chosen or it is gone. */
export function chosenRow(gaze: Gaze, rows: Rows): number {
  const at = gaze.place.at;
  const unchosen = at === 'events' ? rows.length - 1 : 0;
  const list = at === 'process' ? 'files' : at;
  if (list === 'file' || list === 'coverage') return 0;
  const id = gaze.chosen[list];
  if (id === null) return Math.max(0, unchosen);
  const row = rows.indexOf(id);
  if (row >= 0) return row;
  // An event that is no longer kept: the oldest one that is.
  return at === 'events' && typeof id === 'number' && id < Number(rows.at(0)?.id ?? 0)
    ? 0
    : Math.max(0, unchosen);
}

/** The row itself; undefined where nothing is listed. */
export function chosen(scene: Scene): Row | undefined {
  const rows = rowsOf(scene);
  return rows.at(chosenRow(scene.gaze, rows));
}

/** The next row in a direction that has the text in it, going round; null where no other has. */
export function findRow(scene: Scene, text: string, direction: 1 | -1, from: number): number | null {
  const rows = rowsOf(scene);
  const hasText = rowMatcher(text, scene.reading);
  for (let step = 0; step < rows.length; step += 1) {
    const at = (((from + step * direction) % rows.length) + rows.length) % rows.length;
    const row = rows.at(at);
    if (row !== undefined && hasText(row)) return at;
  }
  return null;
}
