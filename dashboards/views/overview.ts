/**
 * The first view: files by trouble, the answer for the chosen one, and the findings. Each pane gets what it needs;
 * when there is little room the file list comes first.
 */
import { BLANK, type Line, type Size, span } from '../frame.ts';
import { type Gaze, type Reading, selectedRow } from '../scene.ts';
import { answerLines } from './answer.ts';
import { fileTable } from './file-table.ts';
import { findingRows, findingsHeading } from './findings.ts';
import { gapLines } from './help.ts';
import { latestTimelineLines } from './timeline.ts';

/** With fewer rows to spare, the timeline is left to the file's own view. */
const TIMELINE_ROWS = 5;

/** The body of the overview, at most `height` lines. */
export function overviewLines(gaze: Gaze, reading: Reading, { width, height }: Size): readonly Line[] {
  const { files } = reading;
  if (files.length === 0) return nothingYet(reading, width);
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

function nothingYet({ coverage }: Reading, width: number): readonly Line[] {
  const gaps = coverage.not_covered;
  return [
    [span('   no lease, pin or truncate of a file seen yet', 'dim')],
    ...(gaps.length === 0 ? [] : [BLANK, ...gapLines(gaps, width)]),
  ];
}
