/** The processes that hold, wait or block, and below what is known of the chosen one. */
import { formatBytes, formatCount, plural } from '../../src/base/text.ts';
import { taskName } from '../../src/model/wording.ts';
import { BLANK, fitLine, fitText, type Line, restyle, type Size, span } from '../frame.ts';
import type { ProcessRow } from '../processes.ts';
import { chosenRow, type Row, rowsOf } from '../rows.ts';
import type { Reading, Scene } from '../scene.ts';
import { clean } from '../text.ts';
import { formatAge } from '../words.ts';
import { processText, spareEventLines } from './process.ts';

const CELLS = { waits: 12, blocks: 10, files: 8, pinned: 12 } as const;

/** The body of the view, at most `height` lines. */
export function processesLines(scene: Scene, { width, height }: Size): readonly Line[] {
  const rows = rowsOf(scene);
  if (rows.length === 0) {
    const { filter } = scene.gaze;
    const text =
      filter === ''
        ? 'no process holds or waits now'
        : `no process has '${filter}' in its name (Esc drops the filter)`;
    return [[span(`   ${text}`, 'dim')]];
  }
  const selected = chosenRow(scene.gaze, rows);
  const chosen = processIn(rows.at(selected));
  const listRows = Math.max(3, Math.min(rows.length, Math.floor((height - 2) * 0.5)));
  const detail =
    chosen === undefined
      ? []
      : processText(chosen.pid, scene, width).slice(0, Math.max(0, height - listRows - 2));
  const room =
    detail.length === 0 ? height - 1 : Math.max(listRows, Math.min(rows.length, height - detail.length - 2));
  const top = Math.max(0, Math.min(selected - Math.floor(room / 2), rows.length - room));
  const name = Math.max(12, width - 4 - CELLS.waits - CELLS.blocks - CELLS.files - CELLS.pinned);
  const lines = [
    heading(rows.length, name),
    ...rows.slice(top, top + room).flatMap((row, index) => {
      const process = processIn(row);
      return process === undefined
        ? []
        : [processLine(process, scene.reading, name, top + index === selected, width)];
    }),
    ...(detail.length > 0 ? [BLANK, ...detail] : []),
  ];
  if (chosen === undefined) return lines;
  return [...lines, ...spareEventLines(chosen.pid, scene.reading, height - lines.length)];
}

function processIn(row: Row | undefined): ProcessRow | undefined {
  return row?.kind === 'process' ? row.process : undefined;
}

function heading(count: number, name: number): Line {
  const cell = (text: string, cells: number) => span(fitText(clean(text), cells, 'right'), 'heading');
  return [
    span(fitText(clean(` PROCESSES ${formatCount(count)}`), name + 3), 'heading'),
    cell('WAITS', CELLS.waits),
    cell('BLOCKS', CELLS.blocks),
    cell('FILES', CELLS.files),
    cell('PINNED', CELLS.pinned),
  ];
}

function processLine(
  row: ProcessRow,
  reading: Reading,
  name: number,
  isSelected: boolean,
  width: number,
): Line {
  const cell = (text: string, cells: number) => fitText(clean(text), cells, 'right');
  const waits = row.waitsSince === null ? '-' : formatAge(reading.nowNs - row.waitsSince);
  const task = reading.task(row.pid);
  const gone = task.alive ? '' : ' (exited)';
  const line: Line = [
    span(isSelected ? ' ▸ ' : '   ', 'strong'),
    span(fitText(clean(`${taskName(task)}${gone}`), name)),
    span(cell(waits, CELLS.waits), row.waitsSince === null ? 'dim' : 'critical'),
    span(
      cell(row.blocks === 0 ? '-' : plural(row.blocks, 'call'), CELLS.blocks),
      row.blocks === 0 ? 'dim' : 'warning',
    ),
    span(cell(formatCount(row.files), CELLS.files)),
    span(cell(row.pinnedBytes === 0 ? '-' : formatBytes(row.pinnedBytes), CELLS.pinned)),
  ];
  return isSelected ? restyle(fitLine(line, width), 'selected') : line;
}
