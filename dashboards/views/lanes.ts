/**
 * A file's time, left to right: a lane for each process that holds a lease or a pin or waits, a row of marks for what
 * happened at one moment, and the cursor.
 */
import {
  type Bar,
  chooseLanes,
  columnOf,
  drawBars,
  type Glyphs,
  isInWindow,
  type TimeWindow,
} from '../../src/base/lanes.ts';
import { plural } from '../../src/base/text.ts';
import { formatDuration, formatOffset } from '../../src/base/time.ts';
import type { TimelineEntry, TimelineWhat } from '../../src/model/answer.ts';
import { taskName } from '../../src/model/wording.ts';
import { fitText, type Line, type Span, type Style, span, spread } from '../frame.ts';
import type { Lens, Reading } from '../scene.ts';
import { cursorRow } from '../subject.ts';
import { clean } from '../text.ts';

interface Lane {
  readonly what: TimelineWhat;
  readonly pid: number;
  readonly isWait: boolean;
  readonly bars: Bar[];
}

const LABEL_CELLS = 24;
const NARROW_LABEL_CELLS = 18;
const WIDE = 100;
const GLYPHS: Glyphs = { begin: '├', lasts: '─', end: '┤', both: '│', goesOn: '▶' };
const MARKS: Readonly<Partial<Record<TimelineWhat, string>>> = {
  'hand-over': '→',
  close: 'c',
  exit: '×',
  operation: '▪',
  break: '!',
};
const LANE_STYLE: Readonly<Partial<Record<TimelineWhat, Style>>> = {
  lease: 'good',
  pin: 'strong',
  wait: 'critical',
};
const LANE_WORD: Readonly<Partial<Record<TimelineWhat, string>>> = {
  lease: 'lease',
  pin: 'pin',
  wait: 'waits',
};

/** The axis, as many lanes as fit in `rows`, and the marks. At least three rows. */
export function laneLines(
  entries: readonly TimelineEntry[],
  reading: Reading,
  lens: Lens,
  width: number,
  rows: number,
): readonly Line[] {
  if (entries.length === 0) return [[span('   nothing was seen to happen yet', 'dim')]];
  const row = cursorRow(entries, lens);
  const cursorNs = entries[row]?.at_ns ?? 0;
  const window = windowOf(entries, reading, lens, cursorNs);
  const label = width < WIDE ? NARROW_LABEL_CELLS : LABEL_CELLS;
  const cells = Math.max(10, width - label - 2);
  const cursor = columnOf(cursorNs, window, cells);
  const lanes = lanesOf(entries).filter(({ bars }) => isInWindow(bars, window));
  const room = Math.max(1, rows - 2);
  const shown = chooseLanes(lanes, room);
  const marks = entries.some((entry) => entry.span === undefined)
    ? [row_(span('moments', 'dim'), drawMarks(entries, window, cells), cursor, label)]
    : [];
  const axis = axisLine(
    reading,
    lens,
    window,
    width,
    shown.length < lanes.length ? lanes.length - shown.length : 0,
  );
  return [
    axis,
    ...shown.map((lane) => row_(span(laneName(lane, reading)), drawLane(lane, window, cells), cursor, label)),
    ...marks,
  ];
}

/** All of it, or the lens's share around the cursor. */
function windowOf(
  entries: readonly TimelineEntry[],
  { nowNs }: Reading,
  { share }: Lens,
  cursorNs: number,
): TimeWindow {
  const times = entries.map(({ at_ns }) => at_ns).filter(Number.isFinite);
  const fromNs = Math.min(...times, cursorNs);
  const endNs = Math.max(...times, Number.isFinite(nowNs) ? nowNs : fromNs);
  const length = Math.max(1e6, endNs - fromNs) * share;
  if (share >= 1) return { fromNs, toNs: fromNs + length };
  const first = Math.max(fromNs, Math.min(cursorNs - length / 2, endNs - length));
  return { fromNs: first, toNs: first + length };
}

function lanesOf(entries: readonly TimelineEntry[]): readonly Lane[] {
  const lanes = new Map<string, Lane>();
  /** Where the bars that have not ended yet stand in their lanes. */
  const open = new Map<number, { readonly bars: Bar[]; readonly at: number }>();
  for (const { at_ns, what, pid, span: edge } of entries) {
    if (edge === undefined) continue;
    if (edge.edge === 'end') {
      const started = open.get(edge.lane);
      const bar = started?.bars[started.at];
      if (started !== undefined && bar !== undefined) started.bars[started.at] = { ...bar, toNs: at_ns };
      open.delete(edge.lane);
      continue;
    }
    const name = `${what} ${pid}`;
    const lane = lanes.get(name) ?? { what, pid, isWait: what === 'wait', bars: [] };
    lanes.set(name, lane);
    open.set(edge.lane, { bars: lane.bars, at: lane.bars.length });
    lane.bars.push({ fromNs: at_ns, toNs: null });
  }
  return [...lanes.values()];
}

function laneName({ pid, what }: Lane, reading: Reading): string {
  return `${LANE_WORD[what] ?? what} ${pid === 0 ? 'of somebody' : taskName(reading.task(pid))}`;
}

type Cells = readonly (readonly [mark: string, style: Style])[];

function drawLane({ bars, what }: Lane, window: TimeWindow, cells: number): Cells {
  const style = LANE_STYLE[what] ?? 'plain';
  return drawBars(bars, window, cells, GLYPHS).map((mark) => [mark, mark === ' ' ? 'plain' : style]);
}

/** Where several fall into one cell, their number. */
function drawMarks(entries: readonly TimelineEntry[], window: TimeWindow, cells: number): Cells {
  const drawn: [string, Style][] = Array.from({ length: cells }, () => [' ', 'plain']);
  const counts = new Map<number, number>();
  for (const entry of entries) {
    if (entry.span !== undefined) continue;
    const at = columnOf(entry.at_ns, window, cells);
    if (at < 0 || at >= cells) continue;
    const count = (counts.get(at) ?? 0) + 1;
    counts.set(at, count);
    const mark = count === 1 ? (MARKS[entry.what] ?? '·') : count > 9 ? '+' : String(count);
    drawn[at] = [mark, entry.what === 'break' ? 'warning' : 'plain'];
  }
  return drawn;
}

/** A label and its cells, runs of one style as one span; the cursor's cell is reversed. */
function row_(label: Span, cells: Cells, cursor: number, labelCells: number): Line {
  const spans: Span[] = [];
  let text = '';
  let style: Style = 'plain';
  const flush = (): void => {
    if (text !== '') spans.push(span(text, style));
    text = '';
  };
  for (const [at, [mark, own]] of cells.entries()) {
    const now: Style = at === cursor ? 'selected' : own;
    if (now !== style) flush();
    style = now;
    // Without colours the cursor is seen too: a bar where nothing else is.
    text += at === cursor && mark === ' ' ? '┊' : mark;
  }
  flush();
  return [span(' '), { text: fitText(label.text, labelCells), style: label.style }, ...spans];
}

function axisLine(
  reading: Reading,
  { share }: Lens,
  { fromNs, toNs }: TimeWindow,
  width: number,
  hidden: number,
): Line {
  const origin = reading.coverage.from_ns ?? fromNs;
  const zoom = share < 1 ? `, 1/${Math.round(1 / share)} of it (- 0)` : '';
  const more = hidden > 0 ? `, ${plural(hidden, 'lane')} not shown` : '';
  return spread(
    [
      span(' TIME LINE', 'heading'),
      span(
        `  ${formatOffset(fromNs, origin)} to ${formatOffset(toNs, origin)}: ${formatDuration(toNs - fromNs)}${zoom}${more}`,
        'dim',
      ),
    ],
    [span('← → + - ', 'dim')],
    width,
  );
}

/** What the marks of the row of moments mean, for the help. */
export const MARK_MEANINGS = `${clean('→')} hand-over, ▪ call, ! lease break, c final close, × exit, 2 to 9 several`;
