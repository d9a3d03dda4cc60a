/**
 * A report as text of at most 80 columns, fit for a mailing list: what was traced and how completely, the findings by
 * severity, and each file's story. The same events give the same text, byte for byte.
 */
import { cleanName, formatCount, plural, REPORT_COLUMNS, wrapText } from '../base/text.ts';
import { bootToWall, formatDuration, formatOffset } from '../base/time.ts';
import type { Header } from '../event/header.ts';
import type { Finding, ReportAnswer, TimelineEntry } from '../model/answer.ts';
import { countFilesTold, type Model, reportAnswer, timelines } from '../model/model.ts';
import { drawLanes, legendText } from './lanes.ts';
import { storyLines } from './story-text.ts';
import { targetText } from './who-text.ts';

const SEVERITIES = ['critical', 'warning', 'note'] as const;
/** A report shows no more files than these. */
const MOST_FILES = 200;
const KEY_COLUMNS = 10;

/** The report of all that is known, as `reportText` has it: nothing is put together of files that it does not show. */
export function modelReport(model: Model): string {
  const answer = reportAnswer(model, MOST_FILES);
  return reportText(answer, timelines(model, MOST_FILES), model.header, countFilesTold(model));
}

/**
 * The whole report, ended by a newline.
 * @param timelines the stories of `report.files`, in the same order: of the first `MOST_FILES` at least
 * @param fileCount how many files there are, where `report.files` are only the first of them
 */
export function reportText(
  report: ReportAnswer,
  timelines: readonly (readonly TimelineEntry[])[],
  header: Header,
  fileCount: number = report.files.length,
): string {
  const lines = [
    ...headLines(report, header),
    ...findingLines(report),
    ...fileLines(report, timelines, fileCount),
  ];
  return `${lines.join('\n')}\n`;
}

function headLines(report: ReportAnswer, header: Header): string[] {
  const { rows, at_ns, from_ns, certainty, reasons, not_covered } = report;
  const started = bootToWall(from_ns, header.clock);
  const when = started === null ? '' : `, from ${started}`;
  const complete = report.complete ? 'to its end' : 'but not to its end';
  return [
    ...keyLines('kernel', `${cleanName(report.kernel)}, bpftrace ${cleanName(report.bpftrace)}`),
    ...keyLines('traced', `${formatDuration(at_ns - from_ns)}${when}, ${complete}`),
    ...(header.command === null ? [] : keyLines('command', header.command.map(cleanName).join(' '))),
    ...keyLines(
      'rows',
      `${formatCount(rows.seen)} seen, ${formatCount(rows.lost)} lost, ${formatCount(rows.late)} late, ${formatCount(rows.bad)} unreadable`,
    ),
    ...(report.forgotten === 0
      ? []
      : keyLines('forgot', `${plural(report.forgotten, 'ended thing')}, the oldest, to stay within memory`)),
    ...(certainty === 'definite' ? keyLines('certain', 'no row that matters was lost') : []),
    ...(certainty === 'definite' ? [] : keyLines(certainty, reasons.join('; '))),
    ...(certainty === 'definite' && reasons.length > 0 ? keyLines('but', reasons.join('; ')) : []),
    ...not_covered.flatMap(({ path, reason }) =>
      keyLines('not seen', `${cleanName(path)}: ${cleanName(reason)}`),
    ),
  ];
}

function findingLines({ findings, from_ns }: ReportAnswer): string[] {
  const counts = SEVERITIES.map((severity) => findings.filter((finding) => finding.severity === severity));
  const [critical = [], warnings = [], notes = []] = counts;
  const title = `FINDINGS: ${formatCount(critical.length)} critical, ${plural(warnings.length, 'warning')}, ${plural(notes.length, 'note')}`;
  return ['', title, ...counts.flat().flatMap((finding) => ['', ...findingText(finding, from_ns)])];
}

function findingText(finding: Finding, startNs: number): string[] {
  const { severity, id, certainty, file, start_ns, end_ns, text, thread } = finding;
  const name = file.path === null ? `${file.dev} inode ${file.ino}` : cleanName(file.path);
  const doubt = certainty === 'definite' ? '' : ` (${certainty})`;
  const end =
    end_ns === null ? ', still so' : end_ns === start_ns ? '' : ` to ${formatOffset(end_ns, startNs)}`;
  return [
    ...keyLines(severity, `${id}${doubt}: ${name}`),
    ...keyLines('', text),
    ...keyLines('', `${formatOffset(start_ns, startNs)}${end}; thread: ${thread}`),
  ];
}

function fileLines(
  report: ReportAnswer,
  timelines: readonly (readonly TimelineEntry[])[],
  fileCount: number,
): string[] {
  const { files, from_ns } = report;
  const hidden = fileCount - MOST_FILES;
  const shown = files.slice(0, MOST_FILES).map((file, i) => {
    const story = timelines[i] ?? [];
    return { file, story, drawing: drawLanes(file, story, report) };
  });
  const legend = legendText(shown.map(({ drawing }) => drawing));
  const title = files.length === 0 ? 'FILES: none with a lease, a pin or a wait' : `FILES: ${legend}`;
  return [
    '',
    ...wrapText(title.replace(/: $/, ''), { width: REPORT_COLUMNS, rest: '       ' }),
    ...shown.flatMap(({ file, story, drawing }) => [
      '',
      ...wrapText(targetText(file.target), { width: REPORT_COLUMNS, rest: '    ' }),
      ...drawing.lines,
      ...(drawing.lines.length === 0 ? [] : ['']),
      ...storyLines(story, from_ns),
    ]),
    ...(hidden > 0 ? ['', `${plural(hidden, 'more file')} left out here: see report --json`] : []),
  ];
}

function keyLines(key: string, text: string): string[] {
  return wrapText(text, { width: REPORT_COLUMNS, first: key.padEnd(KEY_COLUMNS) });
}
