/**
 * Who holds or waits, drawn in plain ASCII under an axis of seconds: a lane for each lease and pin, below it one for
 * each other process through which it is held, and one for each call that waits. Fit for a mailing list.
 */
import stringWidth from 'string-width';
import { type Bar, chooseLanes, columnOf, drawBars, type Glyphs, type TimeWindow } from '../base/lanes.ts';
import { cutText, formatCount, plural, REPORT_COLUMNS } from '../base/text.ts';
import { NS_PER_MS } from '../base/time.ts';
import type { ReportAnswer, TimelineEntry, WhoAnswer } from '../model/answer.ts';
import { taskName } from '../model/wording.ts';
import { axisText } from './axis.ts';
import { BEFORE, BROKEN, FREED, type Group, groupsOf, type Lane } from './lane-groups.ts';

const MOST_GROUPS = 10;
const MOST_HANDS = 4;
const MOST_LABEL = 34;
const INDENT = '  ';
const LOST = '?';
const HELD: Glyphs = { begin: '[', lasts: '=', end: ']', both: '#', goesOn: '>' };
const WAITS: Glyphs = { ...HELD, lasts: '.' };

/** What the marks mean, in the order in which they are told. */
const MEANINGS: readonly (readonly [mark: string, meaning: string])[] = [
  ['[', 'begins'],
  [']', 'ends'],
  ['#', 'both'],
  [BEFORE, 'began before'],
  ['>', 'goes on'],
  [BROKEN, 'lease broken'],
  [FREED, 'pages freed'],
  [LOST, 'rows lost'],
];

export interface Drawing {
  /** At most 80 columns each, without newlines; none where nothing lasted. */
  readonly lines: readonly string[];
  /** The marks that are used. */
  readonly marks: ReadonlySet<string>;
}

/** Time, and where rows are missing: the frame of all drawings of one report. */
type Frame = Pick<ReportAnswer, 'from_ns' | 'at_ns' | 'losses'>;

/** The lanes of one file. */
export function drawLanes(file: WhoAnswer, story: readonly TimelineEntry[], frame: Frame): Drawing {
  const all = groupsOf(file, story);
  if (all.length === 0) return { lines: [], marks: new Set() };
  const window = windowOf(all, story, frame);
  const groups = chooseLanes(all, MOST_GROUPS);
  const lanes = groups.flatMap((group) => [
    { label: labelOf(group, ''), lane: group },
    ...group.inner.slice(0, MOST_HANDS).map((lane) => ({ label: labelOf(lane, INDENT), lane })),
  ]);
  const labelColumns = Math.max(
    ...[...lanes.map(({ label }) => label), 'rows lost'].map((label) => stringWidth(label)),
  );
  const cells = REPORT_COLUMNS - INDENT.length - labelColumns - INDENT.length;
  const rows = lanes.map(({ label, lane }) => ({ label, cells: drawLane(lane, window, cells) }));
  const lost = drawLosses(frame, window, cells);
  if (lost.includes(LOST)) rows.push({ label: 'rows lost', cells: lost });
  const line = (label: string, text: string) => {
    const padding = ' '.repeat(labelColumns - stringWidth(label));
    return `${INDENT}${label}${padding}${INDENT}${text}`.trimEnd();
  };
  const hidden = all.length - groups.length;
  return {
    lines: [
      line('seconds', axisText(window, frame.from_ns, cells)),
      ...rows.map((row) => line(row.label, row.cells.join(''))),
      ...(hidden > 0 ? [`${INDENT}${plural(hidden, 'more lane')} left out`] : []),
    ],
    marks: new Set(rows.flatMap((row) => row.cells)),
  };
}

/** What the marks of these drawings mean: "[ begins, ] ends"; '' where there are none. */
export function legendText(drawings: readonly Drawing[]): string {
  return MEANINGS.filter(([mark]) => drawings.some(({ marks }) => marks.has(mark)))
    .map(([mark, meaning]) => `${mark} ${meaning}`)
    .join(', ');
}

/** From the file's first moment in the trace to its last, or to the end of the trace while something goes on. */
function windowOf(groups: readonly Group[], story: readonly TimelineEntry[], frame: Frame): TimeWindow {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const add = (ns: number) => {
    first = Math.min(first, ns);
    last = Math.max(last, ns);
  };
  for (const { at_ns } of story) add(at_ns);
  for (const { fromNs, toNs } of groups.flatMap(({ bars }) => bars)) {
    add(fromNs);
    add(toNs ?? frame.at_ns);
  }
  const fromNs = Math.max(first, Math.min(frame.from_ns, last));
  return { fromNs, toNs: Math.max(last, fromNs + NS_PER_MS) };
}

function drawLane({ bars, marks, isWait }: Lane, window: TimeWindow, cells: number): readonly string[] {
  const glyphs = isWait ? WAITS : HELD;
  const drawn = [...drawBars(bars, window, cells, glyphs)];
  const isCut = ({ fromNs, toNs }: Bar) => fromNs < window.fromNs && (toNs === null || toNs >= window.fromNs);
  if (bars.some(isCut)) drawn[0] = BEFORE;
  for (const { atNs, mark } of marks) {
    const at = columnOf(atNs, window, cells);
    // Beginnings and ends stay: what happens with them is marked next to them.
    const place = [at, at - 1, at + 1].find((each) => drawn[each] === glyphs.lasts || drawn[each] === mark);
    if (mark === BEFORE && drawn[at] === glyphs.begin) drawn[at] = BEFORE;
    else if (mark !== BEFORE && place !== undefined) drawn[place] = mark;
  }
  return drawn;
}

function drawLosses({ losses }: Frame, window: TimeWindow, cells: number): readonly string[] {
  const bars = losses.map(({ from_ns, to_ns }) => ({ fromNs: from_ns, toNs: to_ns }));
  return drawBars(bars, window, cells, { begin: LOST, lasts: LOST, end: LOST, both: LOST, goesOn: LOST });
}

/** "pin rdma[265]", and how often; a long name is cut in its middle, so that its pid stays. */
function labelOf({ what, task, bars }: Lane, indent: string): string {
  const often = bars.length > 1 ? ` x${formatCount(bars.length)}` : '';
  const [before, after] = task === null ? ['', often] : [' ', `[${task.pid}]${often}`];
  const name = task === null ? '' : taskName(task).slice(0, -`[${task.pid}]`.length);
  const head = `${indent}${what}${before}`;
  const room = MOST_LABEL - stringWidth(head) - stringWidth(after);
  return `${head}${cutText(name, Math.max(1, room))}${after}`;
}
