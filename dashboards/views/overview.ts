/**
 * The first view: files by trouble, the answer for the chosen one, and the findings. Each pane gets what it needs;
 * when there is little room the file list comes first.
 */
import { formatDuration } from '../../src/base/time.ts';
import type { FileSummary, Holder, WhoAnswer } from '../../src/model/answer.ts';
import { BLANK, fitLine, fitText, type Line, restyle, type Size, span } from '../frame.ts';
import { type Gaze, type Reading, selectedRow } from '../scene.ts';
import { clean, cutMiddle } from '../text.ts';
import { formatAge, namePath, nameResult, summarizeHolder } from '../words.ts';
import { answerLines } from './answer.ts';
import { findingRows, findingsHeading, SEVERITY_MARK, SEVERITY_STYLE } from './findings.ts';
import { latestTimelineLines } from './timeline.ts';

/** With fewer rows to spare, the timeline is left to the file's own view. */
const TIMELINE_ROWS = 5;

interface Columns {
  readonly path: number;
  readonly inode: number;
  readonly held: number;
  readonly waits: number;
}

/** The body of the overview, at most `height` lines. */
export function overviewLines(gaze: Gaze, reading: Reading, { width, height }: Size): readonly Line[] {
  const { files } = reading;
  if (files.length === 0) return [BLANK, [span('   no lease, pin or truncate of a file seen yet', 'dim')]];
  const row = selectedRow(gaze, files);
  const chosen = files[row];
  const answer = chosen === undefined ? [] : answerLines(reading.who(chosen.key), reading, width);
  const findings = reading.findings;
  const fileRows = clamp(height - 2 - answer.length - paneRows(findings.length, 3), 3, files.length);
  const afterFiles = height - 1 - fileRows;
  const answerRows = clamp(afterFiles - 1 - paneRows(findings.length, 2), 0, answer.length);
  const afterAnswer = afterFiles - (answerRows > 0 ? answerRows + 1 : 0);
  const shownFindings = clamp(afterAnswer - 2, 0, findings.length);
  const lines = [
    ...fileTable(reading, row, fileRows, width),
    ...(answerRows > 0 ? [BLANK, ...answer.slice(0, answerRows)] : []),
    ...(shownFindings > 0
      ? [
          BLANK,
          findingsHeading(findings.length, findings.length - shownFindings),
          ...findingRows(findings.slice(0, shownFindings), reading),
        ]
      : []),
  ];
  const spare = height - lines.length - 1;
  if (chosen === undefined || spare < TIMELINE_ROWS) return lines;
  return [...lines, BLANK, ...latestTimelineLines(reading.timeline(chosen.key), reading, width, spare)];
}

/** Lines that a list asks for, with a blank line and a heading: none when it is empty. */
function paneRows(entries: number, most: number): number {
  return entries === 0 ? 0 : Math.min(entries, most) + 2;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function fileTable(reading: Reading, row: number, rows: number, width: number): readonly Line[] {
  const { files } = reading;
  const top = Math.max(0, Math.min(row - Math.floor(rows / 2), files.length - rows));
  const columns = layOut(width);
  const range = files.length > rows ? ` (${top + 1}–${top + rows})` : '';
  const heading: Line = [
    span(fitText(clean(` FILES ${files.length}${range}`), columns.path + 5), 'heading'),
    span(fitText(clean('DEVICE:INODE'), columns.inode + 1), 'heading'),
    span(fitText(clean('HELD BY'), columns.held + 1), 'heading'),
    span(fitText(clean('OPERATION'), columns.waits), 'heading'),
  ];
  const visible = files.slice(top, top + rows);
  return [
    heading,
    ...visible.map((file, index) => fileRow(file, reading, columns, top + index === row, width)),
  ];
}

/** Of what the fixed columns leave, the path gets two fifths. */
function layOut(width: number): Columns {
  const inode = width < 100 ? 12 : 22;
  const waits = width < 100 ? 20 : 30;
  const left = Math.max(10, width - 5 - inode - waits - 3);
  const path = Math.floor(left * 0.42);
  return { path, inode, waits, held: left - path };
}

function fileRow(
  file: FileSummary,
  reading: Reading,
  columns: Columns,
  isSelected: boolean,
  width: number,
): Line {
  const answer = reading.who(file.key);
  const mark = file.worst === null ? '  ' : SEVERITY_MARK[file.worst];
  const live = answer.holders.filter((holder) => holder.ended_ns === undefined);
  const { text, isWaiting } = describeOperation(file, answer, reading);
  const inode = `${file.target.fs ?? ''} ${file.target.dev}:${file.target.ino}`.trim();
  const line: Line = [
    span(isSelected ? ' ▸' : '  ', 'strong'),
    span(`${mark} `, file.worst === null ? 'plain' : SEVERITY_STYLE[file.worst]),
    span(fitText(cutMiddle(clean(namePath(file.target)), columns.path), columns.path)),
    span(' '),
    span(fitText(cutMiddle(clean(inode), columns.inode), columns.inode), 'dim'),
    span(' '),
    span(
      fitText(clean(describeHolders(answer.holders, live)), columns.held),
      live.length > 0 ? 'plain' : 'dim',
    ),
    span(' '),
    span(fitText(clean(text), columns.waits), isWaiting ? 'critical' : 'dim'),
  ];
  return isSelected ? restyle(fitLine(line, width), 'selected') : line;
}

/** Live holders; when there are none, the last one that there was. */
function describeHolders(all: readonly Holder[], live: readonly Holder[]): string {
  const [first, ...others] = live;
  if (first !== undefined) return summarizeHolder(first) + (others.length === 0 ? '' : `, +${others.length}`);
  const last = all.at(-1);
  return last === undefined ? '-' : `was ${summarizeHolder(last)}`;
}

/** Who waits now and for how long; else how the last operation ended. */
function describeOperation(
  file: FileSummary,
  answer: WhoAnswer,
  reading: Reading,
): { readonly text: string; readonly isWaiting: boolean } {
  const [waiter, ...others] = file.waiting;
  if (waiter !== undefined) {
    const more = others.length === 0 ? '' : ` +${others.length}`;
    const since = formatAge(reading.nowNs - waiter.since_ns);
    return { text: `${waiter.op}[${waiter.pid}] ${since}${more}`, isWaiting: true };
  }
  const last = answer.operations.at(-1);
  if (last === undefined) return { text: '-', isWaiting: false };
  const waited = last.waited_ms > 0 ? ` in ${formatDuration(last.waited_ms * 1e6)}` : '';
  return { text: `${last.op}→${nameResult(last)}${waited}`, isWaiting: false };
}
