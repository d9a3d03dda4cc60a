/** A file's story in words, for a mailing list: one moment after the other, when it was and what happened. */
import { plural, REPORT_COLUMNS, wrapText } from '../base/text.ts';
import { formatOffset } from '../base/time.ts';
import type { TimelineEntry } from '../model/answer.ts';

/** Of a longer story the middle is left out. */
const MOST_ENTRIES = 200;
/** More moments of the same words in a row are told as one. */
const MOST_ALIKE = 3;
const TIME_COLUMNS = 12;
const REST = ' '.repeat(TIME_COLUMNS + 4);

/** Moments of the same words, one right after the other. */
type Run = readonly [TimelineEntry, ...TimelineEntry[]];

/** Lines of at most 80 columns, without newlines. */
export function storyLines(entries: readonly TimelineEntry[], startNs: number): readonly string[] {
  const runs = inRuns(entries).flatMap((run) => (run.length > MOST_ALIKE ? [run] : run.map(alone)));
  if (runs.length <= MOST_ENTRIES) return runs.flatMap((run) => runLines(run, startNs));
  const half = MOST_ENTRIES / 2;
  const hidden = runs.slice(half, -half).reduce((moments, run) => moments + run.length, 0);
  return [
    ...runs.slice(0, half).flatMap((run) => runLines(run, startNs)),
    `${' '.repeat(TIME_COLUMNS)}  ... ${hidden} moments are left out here`,
    ...runs.slice(-half).flatMap((run) => runLines(run, startNs)),
  ];
}

function inRuns(entries: readonly TimelineEntry[]): readonly Run[] {
  const runs: [TimelineEntry, ...TimelineEntry[]][] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    if (last?.[0].text === entry.text) last.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

function alone(entry: TimelineEntry): Run {
  return [entry];
}

function runLines([first, ...others]: Run, startNs: number): readonly string[] {
  const time = formatOffset(first.at_ns, startNs).padStart(TIME_COLUMNS);
  const lines = wrapText(first.text, { width: REPORT_COLUMNS, first: `${time}  `, rest: REST });
  const last = others.at(-1);
  if (last === undefined) return lines;
  const until = formatOffset(last.at_ns, startNs);
  return [...lines, `${REST}and ${plural(others.length, 'time')} more until ${until}`];
}
