/** Events as text: lines for people, NDJSON for programs. The same for a live trace and a recording. */
import { cleanName } from '../base/text.ts';
import type { Event } from '../event/event.ts';
import type { EventBatchSource } from '../event/stream.ts';
import { print } from './output.ts';

export type EventFormat = 'plain' | 'json';

/** Prints all events of a source. Returns why they ended before their time, or null. */
export async function printEvents(source: EventBatchSource, format: EventFormat): Promise<string | null> {
  const toLine = format === 'json' ? eventJson : eventText;
  let cut: string | null = null;
  for await (const events of source.batches) {
    for (const event of events) if (event.kind === 'stream.cut') cut = event.why;
    await print(events.map((event) => `${toLine(event)}\n`).join(''));
  }
  return cut;
}

/** One event as a line of JSON. */
function eventJson(event: Event): string {
  return JSON.stringify(event, (_key, value: unknown) =>
    value instanceof Map ? Object.fromEntries(value) : value,
  );
}

function eventText(event: Event): string {
  return cleanName(eventJson(event));
}
