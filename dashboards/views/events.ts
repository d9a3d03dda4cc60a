/** The log: one line for each event, the latest at the bottom, and the chosen one's own columns below. */
import { formatCount, plural } from '../../src/base/text.ts';
import type { Event } from '../../src/event/event.ts';
import {
  BLANK,
  fitLine,
  type Line,
  labelled,
  lineWidth,
  restyle,
  type Size,
  type Style,
  span,
  spread,
} from '../frame.ts';
import { chosenRow, type Row, rowsOf, SEARCHED_EVENTS } from '../rows.ts';
import type { Reading, Scene } from '../scene.ts';
import { rowColumns } from './row-columns.ts';

const DETAIL_ROWS = 3;
/** Further back, events of one process are not looked for. */
const LOOKED_THROUGH = 2000;

/** The body of the log, at most `height` lines. */
export function eventLines(scene: Scene, { width, height }: Size): readonly Line[] {
  const rows = rowsOf(scene);
  const selected = chosenRow(scene.gaze, rows);
  const isFollowing = scene.gaze.chosen.events === null;
  const chosen = rows.at(selected);
  const detail =
    chosen?.kind === 'event' && height > 10 ? detailLines(chosen.event, scene.reading, width) : [];
  const room = Math.max(1, height - 1 - (detail.length > 0 ? detail.length + 1 : 0));
  const wanted = isFollowing ? rows.length - room : selected - Math.floor(room / 2);
  const top = Math.max(0, Math.min(wanted, rows.length - room));
  const shown = rows.slice(top, top + room);
  return [
    heading(scene, rows.length, isFollowing, width),
    ...shown.map((row, index) => eventLine(scene, row, top + index === selected, width)),
    ...(rows.length === 0 ? [[span('   no event yet', 'dim')]] : []),
    ...(detail.length > 0 ? [BLANK, ...detail] : []),
  ];
}

/** A heading and the latest events, in `rows` lines. */
export function latestEventLines({ log, eventText }: Reading, rows: number): readonly Line[] {
  const first = Math.max(log.first, log.end - rows + 1);
  const lines: Line[] = [[span(` EVENTS ${formatCount(log.end)}`, 'heading'), span('  the latest', 'dim')]];
  for (let number = first; number < log.end; number += 1) {
    const event = log.at(number);
    if (event !== undefined) lines.push([span(' '), span(eventText(event), styleOf(event))]);
  }
  return lines;
}

/** A heading and the latest events of one process, in `rows` lines at most; none where none is near. */
export function processEventLines(pid: number, { log, eventText }: Reading, rows: number): readonly Line[] {
  const lines: Line[] = [];
  const first = Math.max(log.first, log.end - LOOKED_THROUGH);
  for (let number = log.end - 1; number >= first && lines.length < rows - 1; number -= 1) {
    const event = log.at(number);
    if (event === undefined || !('pid' in event) || event.pid !== pid) continue;
    lines.unshift([span(' '), span(eventText(event), styleOf(event))]);
  }
  if (lines.length === 0) return [];
  return [[span(' EVENTS', 'heading'), span('  its latest', 'dim')], ...lines];
}

function heading({ gaze, reading }: Scene, listed: number, isFollowing: boolean, width: number): Line {
  const { first, end } = reading.log;
  const gone = first > 0 ? `, ${formatCount(first)} before them are no longer kept` : '';
  const searched = Math.min(end - first, SEARCHED_EVENTS);
  const what =
    gaze.filter === ''
      ? `${formatCount(listed)}${gone}`
      : `${formatCount(listed)} of the last ${plural(searched, 'event')}`;
  const follows = isFollowing ? 'follows the latest' : 'holds (End follows)';
  return spread(
    [span(` EVENTS ${what}`, 'heading')],
    [span(`${follows} `, isFollowing ? 'dim' : 'warning')],
    width,
  );
}

function eventLine({ reading }: Scene, row: Row, isSelected: boolean, width: number): Line {
  if (row.kind !== 'event') return BLANK;
  const line: Line = [
    span(isSelected ? '▸' : ' ', 'strong'),
    span(reading.eventText(row.event), styleOf(row.event)),
  ];
  return isSelected ? restyle(fitLine(line, width), 'selected') : line;
}

function styleOf({ kind }: Event): Style {
  if (/^(?:wait\.began|break\.blocked|stream\.lost|stream\.cut)$/.test(kind)) return 'critical';
  if (/^(?:break|stream)\.|refused$/.test(kind)) return 'warning';
  return /^(?:lease|pin|truncate|hole|wait|open)\./.test(kind) ? 'plain' : 'dim';
}

/** The sentence again where the list cuts it, and the row's columns. */
function detailLines(event: Event, reading: Reading, width: number): readonly Line[] {
  const text = reading.eventText(event);
  const whole = lineWidth([span(text)]) < width ? [] : labelled([span(' ')], text.trim(), width);
  const columns = labelled([span(` ${event.kind}  `, 'strong')], rowColumns(event), width, 'dim');
  return [...whole, ...columns.slice(0, DETAIL_ROWS)];
}
