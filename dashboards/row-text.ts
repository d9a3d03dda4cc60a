/** What a filter or a search finds a row by: its names and what is told about it, without regard to capitals. */
import { unreachable } from '../src/base/brand.ts';
import type { Event } from '../src/event/event.ts';
import { taskName } from '../src/model/wording.ts';
import { fileFilter, matcherOf } from './file-filter.ts';
import type { Row } from './rows.ts';
import type { Reading } from './scene.ts';
import type { WaitRow } from './wait-tree.ts';

/** Tells of a row whether the text is in what is told about it. */
export function rowMatcher(wanted: string, reading: Reading): (row: Row) => boolean {
  const has = matcherOf(wanted);
  const files = fileFilter(wanted, reading.task);
  return (row) => {
    switch (row.kind) {
      case 'file':
        return files.has(row.file);
      case 'process':
        return has(taskName(reading.task(row.process.pid)));
      case 'wait':
        return has(waitText(row.wait));
      case 'event':
        return has(eventText(row.event));
      default:
        return unreachable(row);
    }
  };
}

export function waitText(row: WaitRow): string {
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
  if (!('cpu' in event)) return event.kind;
  const on = 'dev' in event ? ` ${event.dev}:${event.ino}` : '';
  return `${event.kind} ${taskName(event)}${on}`;
}
