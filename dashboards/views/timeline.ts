/** A file's story, oldest first: when, what was going on then (a lane for each lease, pin and wait), what happened. */
import { formatOffset } from '../../src/base/time.ts';
import type { TimelineEntry, TimelineWhat } from '../../src/model/answer.ts';
import { type Line, labelled, type Span, type Style, span } from '../frame.ts';
import type { Reading } from '../scene.ts';

const TIME_CELLS = 14;
/** Cells that the sentence keeps, however many lanes there are. */
const TEXT_CELLS = 48;
const MOST_LANES = 16;

const LANE_STYLE: Readonly<Record<TimelineWhat, Style>> = {
  lease: 'good',
  break: 'warning',
  pin: 'strong',
  'hand-over': 'plain',
  close: 'plain',
  exit: 'plain',
  operation: 'plain',
  wait: 'critical',
};

/** The heading, then each entry; a long sentence wraps under itself. */
export function timelineLines(
  entries: readonly TimelineEntry[],
  reading: Reading,
  width: number,
): readonly Line[] {
  return [timelineHeading(entries), ...entryLines(entries, reading, width)];
}

function timelineHeading(entries: readonly TimelineEntry[]): Line {
  return [span(` HISTORY ${entries.length}`, 'heading'), span('  since tracing began', 'dim')];
}

/** The heading, then as many of the latest entries as `rows` has room for. */
export function latestTimelineLines(
  entries: readonly TimelineEntry[],
  reading: Reading,
  width: number,
  rows: number,
): readonly Line[] {
  const lines = entryLines(entries, reading, width);
  return [timelineHeading(entries), ...lines.slice(Math.max(0, lines.length - rows + 1))];
}

function entryLines(entries: readonly TimelineEntry[], reading: Reading, width: number): readonly Line[] {
  if (entries.length === 0) return [[span('   nothing seen yet', 'dim')]];
  const origin = reading.coverage.from_ns ?? entries[0]?.at_ns ?? 0;
  const most = Math.max(1, Math.min(MOST_LANES, Math.floor((width - TIME_CELLS - TEXT_CELLS) / 2)));
  const drawings = drawLanes(entries, most);
  return entries.flatMap((entry, index) => {
    const time = span(`${formatOffset(entry.at_ns, origin)}  `.padStart(TIME_CELLS), 'dim');
    const style = entry.what === 'wait' ? 'critical' : 'plain';
    return labelled([time, ...(drawings[index] ?? [])], entry.text, width, style);
  });
}

interface OpenLane {
  readonly lane: number;
  readonly style: Style;
}

/** For each entry the same number of cells: what began (┬), goes on (│) or ended (┴) then. Ended lanes are reused. */
function drawLanes(entries: readonly TimelineEntry[], most: number): readonly Line[] {
  const columns: (OpenLane | null)[] = [];
  const drawings = entries.map((entry) => {
    const at = placeEdge(columns, entry, most);
    const cells = columns.map((open, column): Span => {
      if (open === null) return span('  ');
      return span(
        column === at && entry.span?.edge === 'start' ? '┬ ' : column === at ? '┴ ' : '│ ',
        open.style,
      );
    });
    if (entry.span?.edge === 'end' && at >= 0) columns[at] = null;
    return cells;
  });
  return drawings.map((cells) => [...cells, span('  '.repeat(columns.length - cells.length))]);
}

/** The column of the lane that this entry starts or ends; -1 for neither, or where there is no room. */
function placeEdge(columns: (OpenLane | null)[], entry: TimelineEntry, most: number): number {
  if (entry.span === undefined) return -1;
  const { lane, edge } = entry.span;
  if (edge === 'end') return columns.findIndex((open) => open?.lane === lane);
  const free = columns.indexOf(null);
  const column = free >= 0 ? free : columns.length;
  if (column >= most) return -1;
  columns[column] = { lane, style: LANE_STYLE[entry.what] };
  return column;
}
