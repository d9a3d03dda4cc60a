/** Events as text: lines for people, NDJSON for programs. The same for a live trace and a recording. */
import { cleanName } from '../base/text.ts';
import type { Event } from '../event/event.ts';
import type { Header } from '../event/header.ts';
import type { EventBatchSource } from '../event/stream.ts';
import { eventToJsonLine, headerToJsonLine } from '../export/ndjson.ts';
import { applyEvent, createModel, type Model, pathOfFile } from '../model/model.ts';
import { eventLine } from '../report/event-line.ts';
import { print } from './output.ts';

export type EventFormat = 'plain' | 'json';

/** Prints all events of a source. Returns why they ended before their time, or null. */
export async function printEvents(source: EventBatchSource, format: EventFormat): Promise<string | null> {
  // Rows name files by device and inode; the model has put their paths together.
  const model = createModel(source.header);
  await print(format === 'json' ? headerToJsonLine(source.header) : headerText(source.header));
  let startNs: number | null = null;
  let cut: string | null = null;
  for await (const events of source.batches) {
    let text = '';
    for (const event of events) {
      startNs ??= event.ts;
      if (event.kind === 'stream.cut') cut = event.why;
      applyEvent(model, event);
      text += format === 'json' ? eventToJsonLine(event) : `${eventText(event, startNs, model)}\n`;
    }
    await print(text);
  }
  return cut;
}

/** What this trace cannot see comes first: silence must not look like peace. */
function headerText({ kernel, bpftrace, left_out }: Header): string {
  const gaps = left_out.map(({ path, reason }) => `not covered: ${path}: ${cleanName(reason)}\n`);
  return [`Linux ${cleanName(kernel)}, bpftrace ${cleanName(bpftrace)}\n`, ...gaps].join('');
}

function eventText(event: Event, startNs: number, model: Model): string {
  return eventLine(event, { startNs, nameOf: (dev, ino) => pathOfFile(model, dev, ino) });
}
