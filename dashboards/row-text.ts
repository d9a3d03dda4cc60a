/** What a filter or a search finds a row by: its names and what is told about it, without regard to capitals. */
import { unreachable } from '../src/base/brand.ts';
import type { Event } from '../src/event/event.ts';
import type { FileSummary } from '../src/model/answer.ts';
import { taskName } from '../src/model/wording.ts';
import type { Row } from './rows.ts';
import type { Reading } from './scene.ts';
import type { WaitRow } from './wait-tree.ts';

/** Whether the text, in small letters, is in what is told about the row. */
export function hasText(row: Row, wanted: string, reading: Reading): boolean {
  switch (row.kind) {
    case 'file':
      return fileText(row.file, reading).includes(wanted);
    case 'process':
      return isIn(taskName(row.process.task), wanted);
    case 'wait':
      return isIn(waitText(row.wait), wanted);
    case 'event':
      return isIn(eventText(row.event), wanted);
    default:
      return unreachable(row);
  }
}

function isIn(text: string, wanted: string): boolean {
  return text.toLowerCase().includes(wanted);
}

const fileTexts = new WeakMap<FileSummary, string>();

/** Ten thousand are looked through for a picture, and most are as they were for the last one. */
function fileText(file: FileSummary, reading: Reading): string {
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

function waitText(row: WaitRow): string {
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

function eventText(event: Event): string {
  if (!('cpu' in event)) return event.kind;
  const on = 'dev' in event ? ` ${event.dev}:${event.ino}` : '';
  return `${event.kind} ${taskName(event)}${on}`;
}
