/** The moment under the cursor of a time line: what happened, and the rows of the trace that say so. */
import { plural } from '../../src/base/text.ts';
import { formatOffset } from '../../src/base/time.ts';
import type { Event, InodeKey } from '../../src/event/event.ts';
import type { TimelineEntry } from '../../src/model/answer.ts';
import { type Line, labelled, span } from '../frame.ts';
import type { Lens, Reading } from '../scene.ts';
import { cursorRow } from '../subject.ts';
import { rowColumns } from './row-columns.ts';

/** The sentence, then its rows, at most `rows` lines. */
export function momentLines(
  key: InodeKey,
  entries: readonly TimelineEntry[],
  reading: Reading,
  lens: Lens,
  width: number,
  rows: number,
): readonly Line[] {
  const row = cursorRow(entries, lens);
  const entry = entries[row];
  if (entry === undefined) return [];
  const origin = reading.coverage.from_ns ?? entries[0]?.at_ns ?? 0;
  const label = [
    span(` ${row + 1}/${entries.length} `, 'dim'),
    span(`${formatOffset(entry.at_ns, origin)}  `, 'strong'),
  ];
  const sentence = labelled(label, entry.text, width, entry.what === 'wait' ? 'critical' : 'plain').slice(
    0,
    2,
  );
  return [...sentence, ...evidenceLines(key, entry, reading, width)].slice(0, Math.max(1, rows));
}

function evidenceLines(
  key: InodeKey,
  entry: TimelineEntry,
  reading: Reading,
  width: number,
): readonly Line[] {
  const rows = reading.log.evidence(entry.at_ns, key);
  if (rows.length === 0) return [[span(`   ${whyNone(entry, reading)}`, 'dim')]];
  const best = rows.toSorted((one, other) => fitness(other, entry) - fitness(one, entry));
  const more = rows.length > 1 ? `  (${plural(rows.length, 'row')} at this moment)` : '';
  return best.slice(0, 3).flatMap((event, index) => {
    const text = `${event.kind} ${rowColumns(event)}${index === 0 ? more : ''}`;
    return labelled([span('   row  ', 'dim')], text, width, 'dim').slice(0, 2);
  });
}

function fitness(event: Event, { pid }: TimelineEntry): number {
  return 'pid' in event && event.pid === pid ? 1 : 0;
}

function whyNone({ at_ns }: TimelineEntry, { log, coverage }: Reading): string {
  if (coverage.from_ns !== null && at_ns < coverage.from_ns)
    return 'before tracing began: known from a walk or inferred';
  const oldest = log.at(log.first);
  if (oldest !== undefined && at_ns < oldest.ts)
    return 'its rows are no longer kept in memory: a recording has them';
  return 'no row of this very moment: it follows from others';
}
