/** What the open view lists: its rows by what they are, after filter and sort, and which one is chosen. */
import { unreachable } from '../src/base/brand.ts';
import type { Event, InodeKey } from '../src/event/event.ts';
import type { FileSummary } from '../src/model/answer.ts';
import type { EventLog } from './event-log.ts';
import { type ProcessRow, processRows } from './processes.ts';
import { type RowList, rowList } from './row-list.ts';
import { eventText, fileText, hasText, taskText, waitText } from './row-text.ts';
import type { Gaze, Reading, Scene } from './scene.ts';
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
  const { place, sort } = gaze;
  const filter = gaze.filter.toLowerCase();
  switch (place.at) {
    case 'files':
      return fileRows(withText(reading.sorted(sort), filter, (file) => fileText(file, reading)));
    case 'processes':
      return rowsFor(
        withText(processRows(reading), filter, ({ task }) => taskText(task)),
        ({ task }) => task.pid,
        (process) => ({ kind: 'process', id: process.task.pid, process }),
      );
    case 'waits':
      return rowsFor(
        withText(waitTree(reading.waits()), filter, waitText),
        ({ id }) => id,
        (wait) => ({ kind: 'wait', id: wait.id, wait }),
      );
    case 'events':
      return filter === '' ? eventRows(reading.log) : eventRowsWith(reading.log, filter);
    case 'process':
      // They are few, and are not filtered: its view is no search.
      return fileRows(filesOfProcess(reading, place.pid));
    case 'file':
    case 'coverage':
      return fileRows([]);
    default:
      return unreachable(place);
  }
}

/** Those that have the text in what is told about them; ten thousand are looked through for a picture. */
function withText<Item>(
  items: readonly Item[],
  wanted: string,
  textOf: (item: Item) => string,
): readonly Item[] {
  return wanted === '' ? items : items.filter((item) => textOf(item).includes(wanted));
}

function fileRows(files: readonly FileSummary[]): Rows {
  return rowsFor(
    files,
    ({ key }) => key,
    (file) => ({ kind: 'file', id: file.key, file }),
  );
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
function eventRowsWith(log: EventLog, wanted: string): Rows {
  const found: Row[] = [];
  for (let number = Math.max(log.first, log.end - SEARCHED_EVENTS); number < log.end; number += 1) {
    const row = eventRow(log, number);
    if (row?.kind === 'event' && eventText(row.event).includes(wanted)) found.push(row);
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
  const answer = reading.process(pid);
  const keys = new Set(answer?.holds.map(({ key }) => key));
  for (const { waiter, key } of reading.waits()) if (waiter.pid === pid) keys.add(key);
  return reading.files.filter(({ key }) => keys.has(key));
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
  const wanted = text.toLowerCase();
  for (let step = 0; step < rows.length; step += 1) {
    const at = (((from + step * direction) % rows.length) + rows.length) % rows.length;
    const row = rows.at(at);
    if (row !== undefined && hasText(row, wanted, scene.reading)) return at;
  }
  return null;
}
