/** `whopins export FILE --to FORMAT`: a recording for other tools, on standard output. */
import { unreachable } from '../base/brand.ts';
import { plural } from '../base/text.ts';
import { readPackageText } from '../capture/package-root.ts';
import type { Header } from '../event/header.ts';
import type { EventBatchSource } from '../event/stream.ts';
import type { Conversion } from '../export/conversion.ts';
import { toHtml } from '../export/html.ts';
import { toNdjson } from '../export/ndjson.ts';
import { toPerfetto } from '../export/perfetto.ts';
import { openRecording, readEvents } from '../recording/reader.ts';
import { modelReport } from '../report/report-text.ts';
import { EXIT } from './exit-codes.ts';
import { exitWhenUnread, fail, print, say } from './output.ts';
import { followProgress } from './progress.ts';
import { exitOnStopSignals } from './signals.ts';
import { keepHeapSmall } from './small-heap.ts';

export const EXPORT_FORMATS = ['perfetto', 'html', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Writes the recording in another format; returns the exit code. */
export async function exportRecording(path: string, format: ExportFormat): Promise<number> {
  exitOnStopSignals();
  exitWhenUnread();
  if (process.stdout.isTTY && format !== 'ndjson') {
    return fail(`standard output is a terminal, ${format} is for a file: add > FILE`, EXIT.wrongUse);
  }
  keepHeapSmall();
  const recording = await openRecording(path);
  if (!recording.ok) return fail(recording.error, EXIT.unreadable);
  const source = followProgress(readEvents(recording.value), 'exporting');
  await convert(source, conversionTo(format, source.header));
  return EXIT.fine;
}

function conversionTo(format: ExportFormat, header: Header): Conversion {
  switch (format) {
    case 'ndjson':
      return toNdjson(header);
    case 'perfetto':
      return toPerfetto(header);
    case 'html':
      return toHtml(header, {
        style: readPackageText('src/export/page/page.css'),
        script: readPackageText('src/export/page/page.js'),
        report: modelReport,
      });
    default:
      return unreachable(format);
  }
}

async function convert({ batches }: EventBatchSource, conversion: Conversion): Promise<void> {
  await print(conversion.begin());
  let bad = 0;
  let cut: string | null = null;
  for await (const events of batches) {
    for (const event of events) {
      if (event.kind === 'stream.bad') bad += 1;
      if (event.kind === 'stream.cut') cut = event.why;
    }
    await print(conversion.add(events));
  }
  for (const text of conversion.end()) await print(text);
  if (bad > 0) say(`${plural(bad, 'row')} of the recording could not be read; the rest is exported`);
  if (cut !== null) say(`the recording is not whole (${cut}); what is there is exported`);
}
