/** A row of the trace as its columns: `pid=405 pages=256 via=rdma-mr`. */
import { cleanName } from '../../src/base/text.ts';
import type { Event } from '../../src/event/event.ts';

const ELSEWHERE: ReadonlySet<string> = new Set(['kind', 'ts', 'comm', 'pid', 'tid', 'cpu']);

/** Columns by name; who and where come last. */
export function rowColumns(event: Event): string {
  const own = Object.entries(event).filter(([name]) => !ELSEWHERE.has(name));
  const common =
    'cpu' in event ? [`${cleanName(event.comm)}[${event.pid}]`, ...threadOf(event), `cpu=${event.cpu}`] : [];
  return [...own.map(([name, value]) => `${name}=${valueText(value)}`), ...common].join(' ');
}

function threadOf({ pid, tid }: { readonly pid: number; readonly tid: number }): readonly string[] {
  return pid === tid ? [] : [`tid=${tid}`];
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value === '' ? "''" : cleanName(value.trim().replace(/\s+/g, ' '));
  if (value instanceof Map) return `{${[...value].map(([name, count]) => `${name}:${count}`).join(' ')}}`;
  return String(value);
}
