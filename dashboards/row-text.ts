/** What a filter or a search finds a row by: its names and what is told about it, without regard to capitals. */
import { unreachable } from '../src/base/brand.ts';
import type { Event } from '../src/event/event.ts';
import type { FileSummary, TaskRef } from '../src/model/answer.ts';
import { taskName } from '../src/model/wording.ts';
import type { Row } from './rows.ts';
import type { Reading } from './scene.ts';
import type { WaitRow } from './wait-tree.ts';

/** Whether the text, in small letters, is in what is told about the row. */
export function hasText(row: Row, wanted: string, reading: Reading): boolean {
  return textOf(row, reading).includes(wanted);
}

function textOf(row: Row, reading: Reading): string {
  switch (row.kind) {
    case 'file':
      return fileText(row.file, reading);
    case 'process':
      return taskText(row.process.task);
    case 'wait':
      return waitText(row.wait);
    case 'event':
      return eventText(row.event);
    default:
      return unreachable(row);
  }
}

export function taskText(task: TaskRef): string {
  return taskName(task).toLowerCase();
}

const fileTexts = new WeakMap<FileSummary, string>();

/** Ten thousand are looked through for a picture, and most are as they were for the last one. */
export function fileText(file: FileSummary, reading: Reading): string {
  let text = fileTexts.get(file);
  if (text === undefined) {
    const { target, key, holderPids, waiting } = file;
    text = `${target.path ?? ''} ${key}`;
    for (const pid of holderPids) text += ` ${taskName(reading.task(pid))}`;
    for (const waiter of waiting) text += ` ${taskName(waiter)} ${waiter.op}`;
    text = text.toLowerCase();
    fileTexts.set(file, text);
  }
  return text;
}

export function waitText(row: WaitRow): string {
  return waitWords(row).toLowerCase();
}

function waitWords(row: WaitRow): string {
  switch (row.kind) {
    case 'blocker':
      return `${taskName(row.task)} ${row.holds}`;
    case 'nobody':
      return 'nobody';
    case 'wait': {
      const { edge, others } = row;
      const tasks = [edge.waiter, ...edge.blockers.map(({ task }) => task), ...others].map(taskName);
      return [edge.op, edge.target.path ?? '', edge.key, ...tasks].join(' ');
    }
    case 'circle':
      return `circle ${taskName(row.task)}`;
    default:
      return unreachable(row);
  }
}

export function eventText(event: Event): string {
  if (!('cpu' in event)) return event.kind.toLowerCase();
  const on = 'dev' in event ? ` ${event.dev}:${event.ino}` : '';
  return `${event.kind} ${taskName(event)}${on}`.toLowerCase();
}
