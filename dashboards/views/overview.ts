/**
 * The first view: files by trouble, the answer for the chosen one, and the findings; above them how much happens. Each
 * pane gets what it needs; when there is little room the file list comes first.
 */
import { BLANK, type Line, type Size, type Style, span } from '../frame.ts';
import type { Rate } from '../rates.ts';
import { chosenRow, rowsOf } from '../rows.ts';
import type { Reading, Scene } from '../scene.ts';
import { answerLines } from './answer.ts';
import { latestEventLines } from './events.ts';
import { fileTable } from './file-table.ts';
import { findingRows, findingsHeading } from './findings.ts';
import { gapLines } from './help.ts';
import { rateSpans } from './sparkline.ts';
import { latestTimelineLines } from './timeline.ts';

/** With fewer rows to spare, the timeline is left to the file's own view. */
const TIMELINE_ROWS = 4;
/** With fewer rows to spare, the log is left to its own view. */
const EVENT_ROWS = 5;
/** With fewer rows there is no room for how much happens. */
const ROWS_WITH_RATES = 14;

/** The body of the overview, at most `height` lines. */
export function overviewLines(scene: Scene, { width, height: whole }: Size): readonly Line[] {
  const { gaze, reading } = scene;
  if (reading.files.length === 0) return nothingYet(reading, width);
  const files = rowsOf(scene);
  if (files.length === 0) {
    const found = files.isWhole ? 'no file has' : 'looking for a file that has';
    return [[span(`   ${found} '${gaze.filter}' in it (Esc drops the filter)`, 'dim')]];
  }
  const row = chosenRow(gaze, files);
  const rates = whole < ROWS_WITH_RATES ? [] : [ratesLine(reading, width)];
  const height = whole - rates.length;
  const chosenFile = files.at(row);
  const chosen = chosenFile?.kind === 'file' ? chosenFile.file : undefined;
  const answer = chosen === undefined ? [] : answerLines(reading.who(chosen.key), reading, width);
  const findings = reading.findings;
  const fileRows = clamp(height - 2 - answer.length - paneRows(findings.length, 3), 3, files.length);
  const afterFiles = height - 1 - fileRows;
  const answerRows = clamp(afterFiles - 1 - paneRows(findings.length, 2), 0, answer.length);
  const afterAnswer = afterFiles - (answerRows > 0 ? answerRows + 1 : 0);
  const shownFindings = clamp(afterAnswer - 2, 0, findings.length);
  const spareForFindings = afterAnswer - 2 - shownFindings;
  const lines = [
    ...rates,
    ...fileTable({ files, all: reading.files.length, sort: gaze.sort }, reading, row, fileRows, width),
    ...(answerRows > 0 ? [BLANK, ...answer.slice(0, answerRows)] : []),
    ...(shownFindings > 0
      ? [
          BLANK,
          findingsHeading(findings.length, findings.length - shownFindings),
          ...findingRows(findings.slice(0, shownFindings), reading, width, spareForFindings),
        ]
      : []),
  ];
  const spare = whole - lines.length - 1;
  if (chosen === undefined || spare < TIMELINE_ROWS) return lines;
  const story = latestTimelineLines(reading.timeline(chosen.key), reading, width, spare);
  const left = spare - story.length - 1;
  const events = left < EVENT_ROWS ? [] : [BLANK, ...latestEventLines(reading, left)];
  return [...lines, BLANK, ...story, ...events];
}

/** How much happened in each of the last seconds. */
function ratesLine({ rates, nowNs }: Reading, width: number): Line {
  const shown = RATES_SHOWN.slice(0, width < 110 ? 3 : 4);
  const cells = Math.max(6, Math.min(40, Math.floor(width / shown.length) - 16));
  return [span(' '), ...shown.flatMap(([rate, style]) => rateSpans(rates, rate, nowNs, cells, style))];
}

const RATES_SHOWN: readonly (readonly [Rate, Style])[] = [
  ['rows', 'plain'],
  ['leases', 'good'],
  ['pins', 'strong'],
  ['calls', 'plain'],
];

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
