/**
 * Lanes: what lasted from when to when, as rows of character cells under one axis of time. Dashboards paint them,
 * reports print them.
 */

/** A stretch of time in which something lasted. */
export interface Bar {
  readonly fromNs: number;
  /** Null while it lasts. */
  readonly toNs: number | null;
}

/** The part of the time that is drawn. */
export interface TimeWindow {
  readonly fromNs: number;
  readonly toNs: number;
}

/** One character each. */
export interface Glyphs {
  readonly begin: string;
  readonly lasts: string;
  readonly end: string;
  /** It begins and ends within one cell. */
  readonly both: string;
  /** The last cell of what goes on. */
  readonly goesOn: string;
}

/** The cell of a moment, which may lie outside of 0 to `cells`; -1 where the window has no length. */
export function columnOf(ns: number, { fromNs, toNs }: TimeWindow, cells: number): number {
  const column = Math.floor(((ns - fromNs) / (toNs - fromNs)) * (cells - 1));
  return Number.isFinite(column) ? column : -1;
}

/** Whether any of the bars shows in the window. */
export function isInWindow(bars: readonly Bar[], { fromNs, toNs }: TimeWindow): boolean {
  return bars.some((bar) => bar.fromNs <= toNs && (bar.toNs ?? toNs) >= fromNs);
}

/** The bars as `cells` characters, the later ones over the earlier. Ends outside of the window are not marked. */
export function drawBars(
  bars: readonly Bar[],
  window: TimeWindow,
  cells: number,
  glyphs: Glyphs,
): readonly string[] {
  const drawn = new Array<string>(cells).fill(' ');
  for (const { fromNs, toNs } of bars) {
    const first = columnOf(fromNs, window, cells);
    const last = toNs === null ? cells - 1 : columnOf(toNs, window, cells);
    if (last < 0 || first >= cells) continue;
    for (let at = Math.max(0, first); at <= Math.min(cells - 1, last); at += 1) {
      drawn[at] = glyphOf(at, first, last, toNs === null, glyphs);
    }
  }
  return drawn;
}

function glyphOf(at: number, first: number, last: number, lasts: boolean, glyphs: Glyphs): string {
  if (lasts && at === last) return glyphs.goesOn;
  if (first === last) return glyphs.both;
  if (at === first) return glyphs.begin;
  return at === last ? glyphs.end : glyphs.lasts;
}

/** What decides which lanes are drawn where there is no room for all. */
export interface Weighed {
  readonly bars: readonly Bar[];
  readonly isWait: boolean;
}

/** As many as there is room for: those that wait, those that last, those that began last. Their order stays. */
export function chooseLanes<Lane extends Weighed>(lanes: readonly Lane[], room: number): readonly Lane[] {
  if (lanes.length <= room) return lanes;
  const weight = ({ bars, isWait }: Lane): number => {
    const lasts = bars.at(-1)?.toNs === null;
    return (lasts ? 2 : 0) + (lasts && isWait ? 1 : 0);
  };
  const best = lanes
    .map((lane, index) => ({ lane, index }))
    .sort((one, other) => weight(other.lane) - weight(one.lane) || other.index - one.index)
    .slice(0, room);
  return best.sort((one, other) => one.index - other.index).map(({ lane }) => lane);
}
