/** What the open view lists: its rows by what they are, after filter and sort, and which one is chosen. */
import { unreachable } from '../src/base/brand.ts';
import type { Event, InodeKey } from '../src/event/event.ts';
import type { FileSummary } from '../src/model/answer.ts';
import { taskName } from '../src/model/wording.ts';
import { type ProcessRow, processRows } from './processes.ts';
import type { Gaze, Reading, Scene, Sort } from './scene.ts';
import { type WaitRow, waitTree } from './wait-tree.ts';

export type Row =
  | { readonly kind: 'file'; readonly id: InodeKey; readonly file: FileSummary }
  | { readonly kind: 'process'; readonly id: number; readonly process: ProcessRow }
  | { readonly kind: 'wait'; readonly id: string; readonly wait: WaitRow }
  | { readonly kind: 'event'; readonly id: number; readonly event: Event };

/** With a filter, so many of the latest events are looked through. */
export const SEARCHED_EVENTS = 10_000;

const known = new WeakMap<Scene, readonly Row[]>();

/** The rows of the open list; none where the view is no list. A scene is asked many times and lists once. */
export function rowsOf(scene: Scene): readonly Row[] {
  let rows = known.get(scene);
  if (rows === undefined) {
    rows = listRows(scene);
    known.set(scene, rows);
  }
  return rows;
}

function listRows({ gaze, reading }: Scene): readonly Row[] {
  const wanted = gaze.filter.toLowerCase();
  const isWanted = (row: Row): boolean => wanted === '' || rowText(row, reading).includes(wanted);
  const filter = (rows: readonly Row[]): readonly Row[] => (wanted === '' ? rows : rows.filter(isWanted));
  switch (gaze.place.at) {
    case 'files':
      return filter(fileRows(sortFiles(reading.files, gaze.sort)));
    case 'processes':
      return processRows(reading)
        .map((process): Row => ({ kind: 'process', id: process.task.pid, process }))
        .filter(isWanted);
    case 'waits':
      return waitTree(reading.waits())
        .map((wait): Row => ({ kind: 'wait', id: wait.id, wait }))
        .filter(isWanted);
    case 'events':
      return eventRows(reading, wanted === '' ? null : isWanted);
    case 'process':
      return filesOfProcess(reading, gaze.place.pid).map(fileRow);
    case 'file':
    case 'coverage':
      return [];
    default:
      return unreachable(gaze.place);
  }
}

const rowsOfFiles = new WeakMap<readonly FileSummary[], readonly Row[]>();

/** The list of files is asked for by each scene, and seldom another one. */
function fileRows(files: readonly FileSummary[]): readonly Row[] {
  let rows = rowsOfFiles.get(files);
  if (rows === undefined) {
    rows = files.map(fileRow);
    rowsOfFiles.set(files, rows);
  }
  return rows;
}

const fileRow = (file: FileSummary): Row => ({ kind: 'file', id: file.key, file });

/** The list is in the order of trouble already. */
function sortFiles(files: readonly FileSummary[], sort: Sort): readonly FileSummary[] {
  switch (sort) {
    case 'trouble':
      return files;
    case 'pinned':
      return files.toSorted((one, other) => other.pinnedBytes - one.pinnedBytes);
    case 'latest':
      return files.toSorted((one, other) => other.changed_ns - one.changed_ns);
    case 'path':
      return files.toSorted((one, other) => (pathText(one) < pathText(other) ? -1 : 1));
    default:
      return unreachable(sort);
  }
}

function pathText({ target, key }: FileSummary): string {
  return target.path ?? `\uffff${key}`;
}

function eventRows({ log }: Reading, isWanted: ((row: Row) => boolean) | null): readonly Row[] {
  const from = isWanted === null ? log.first : Math.max(log.first, log.end - SEARCHED_EVENTS);
  const rows: Row[] = [];
  for (let id = from; id < log.end; id += 1) {
    const event = log.at(id);
    if (event === undefined) continue;
    const row: Row = { kind: 'event', id, event };
    if (isWanted === null || isWanted(row)) rows.push(row);
  }
  return rows;
}

/** The files on which a process has leases or pins, which it took, passed on, or waits for. */
export function filesOfProcess(reading: Reading, pid: number): readonly FileSummary[] {
  const answer = reading.process(pid);
  const keys = new Set(answer?.holds.map(({ key }) => key));
  for (const { waiter, key } of reading.waits()) if (waiter.pid === pid) keys.add(key);
  return reading.files.filter(({ key }) => keys.has(key));
}

/** What filter and search look at: small letters of what is told about a row. */
function rowText(row: Row, reading: Reading): string {
  switch (row.kind) {
    case 'file':
      return fileText(row.file, reading);
    case 'process':
      return taskName(row.process.task).toLowerCase();
    case 'wait':
      return waitText(row.wait);
    case 'event':
      return eventText(row.event);
    default:
      return unreachable(row);
  }
}

const fileTexts = new WeakMap<FileSummary, string>();

function fileText(file: FileSummary, reading: Reading): string {
  let text = fileTexts.get(file);
  if (text === undefined) {
    const tasks = [...file.holderPids.map(reading.task), ...file.waiting].map(taskName);
    const calls = file.waiting.map(({ op }) => op);
    text = [file.target.path ?? '', file.key, ...tasks, ...calls].join(' ').toLowerCase();
    fileTexts.set(file, text);
  }
  return text;
}

function waitText(row: WaitRow): string {
  switch (row.kind) {
    case 'blocker':
      return `${taskName(row.task)} ${row.holds}`.toLowerCase();
    case 'nobody':
      return 'nobody';
    case 'wait': {
      const { edge, others } = row;
      const tasks = [edge.waiter, ...edge.blockers.map(({ task }) => task), ...others].map(taskName);
      return [edge.op, edge.target.path ?? '', edge.key, ...tasks].join(' ').toLowerCase();
    }
    case 'circle':
      return `circle ${taskName(row.task)}`.toLowerCase();
    default:
      return unreachable(row);
  }
}

function eventText(event: Event): string {
  if (!('cpu' in event)) return event.kind;
  const on = 'dev' in event ? ` ${event.dev}:${event.ino}` : '';
  return `${event.kind} ${taskName(event)}${on}`.toLowerCase();
}

/** The place of the chosen row; the first one, of events the last, where nothing is chosen or it is gone. */
export function chosenRow(gaze: Gaze, rows: readonly Row[]): number {
  const at = gaze.place.at;
  const unchosen = at === 'events' ? rows.length - 1 : 0;
  const list = at === 'process' ? 'files' : at;
  if (list === 'file' || list === 'coverage') return 0;
  const id = gaze.chosen[list];
  if (id === null) return Math.max(0, unchosen);
  const row = rows.findIndex((each) => each.id === id);
  if (row >= 0) return row;
  // An event that is no longer kept: the oldest one that is.
  return at === 'events' && typeof id === 'number' && id < Number(rows[0]?.id ?? 0)
    ? 0
    : Math.max(0, unchosen);
}

/** The row itself; undefined where nothing is listed. */
export function chosen(scene: Scene): Row | undefined {
  const rows = rowsOf(scene);
  return rows[chosenRow(scene.gaze, rows)];
}

/** The next row in a direction that has the text in it, going round; null where no other has. */
export function findRow(scene: Scene, text: string, direction: 1 | -1, from: number): number | null {
  const rows = rowsOf(scene);
  const wanted = text.toLowerCase();
  for (let step = 0; step < rows.length; step += 1) {
    const at = (((from + step * direction) % rows.length) + rows.length) % rows.length;
    const row = rows[at];
    if (row !== undefined && rowText(row, scene.reading).includes(wanted)) return at;
  }
  return null;
}
