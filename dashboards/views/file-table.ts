/** The list of files: mark, path, inode, who holds it, what waits; cells are cut so that every row fits. */
import { formatDuration } from '../../src/base/time.ts';
import type { FileSummary, Holder } from '../../src/model/answer.ts';
import type { Glance } from '../../src/model/model.ts';
import { joinAlike } from '../../src/model/select/alike.ts';
import { fitLine, fitText, type Line, restyle, span } from '../frame.ts';
import type { Rows } from '../rows.ts';
import type { Reading, Sort } from '../scene.ts';
import { clean, cutMiddle, displayWidth, type SafeText } from '../text.ts';
import { formatAge, nameResult, summarizeHolder } from '../words.ts';
import { SEVERITY_MARK, SEVERITY_STYLE } from './findings.ts';

/** Selection and severity, before the path. */
const MARK_CELLS = 5;
/** From this width on there is room for the file system's name and longer words. */
const WIDE = 100;

interface Columns {
  readonly path: number;
  readonly inode: number;
  readonly held: number;
  readonly waits: number;
}

/** The files to list, of how many, and by what they are sorted. */
export interface FileList {
  readonly files: Rows;
  readonly all: number;
  readonly sort: Sort;
}

/** A heading and `rows` files around the selected one. */
export function fileTable(
  { files, all, sort }: FileList,
  reading: Reading,
  selected: number,
  rows: number,
  width: number,
): readonly Line[] {
  const top = Math.max(0, Math.min(selected - Math.floor(rows / 2), files.length - rows));
  const visible = files.slice(top, top + rows).flatMap((row) => (row.kind === 'file' ? [row.file] : []));
  const columns = layOut(visible, width);
  const range = files.length > rows ? ` (${top + 1}–${top + rows})` : '';
  const more = files.isWhole ? '' : ' so far';
  const filtered = files.length === all ? '' : `${more} of ${all}`;
  const order = sort === 'trouble' ? '' : ` by ${sort}`;
  const heading: Line = [
    span(
      fitText(clean(` FILES ${files.length}${filtered}${order}${range}`), columns.path + MARK_CELLS + 1),
      'heading',
    ),
    span(fitText(clean('INODE'), columns.inode + 1), 'heading'),
    span(fitText(clean('HELD BY'), columns.held + 1), 'heading'),
    span(fitText(clean('OPERATION'), columns.waits), 'heading'),
  ];
  return [
    heading,
    ...visible.map((file, index) => fileRow(file, reading, columns, top + index === selected, width)),
  ];
}

/** The inode gets what the visible ones need; of what is left after it, the path gets two fifths. */
function layOut(visible: readonly FileSummary[], width: number): Columns {
  const longest = Math.max(5, ...visible.map((file) => displayWidth(nameInode(file, width))));
  const inode = Math.min(longest, width < WIDE ? 14 : 26);
  const waits = width < WIDE ? 20 : 30;
  const left = width - MARK_CELLS - inode - waits - 3;
  const path = Math.floor(left * 0.4);
  return { path, inode, waits, held: left - path };
}

function nameInode({ target: { dev, ino, fs } }: FileSummary, width: number): SafeText {
  return clean(width < WIDE || fs === null ? `${dev}:${ino}` : `${fs} ${dev}:${ino}`);
}

function fileRow(
  file: FileSummary,
  reading: Reading,
  columns: Columns,
  isSelected: boolean,
  width: number,
): Line {
  const glance = reading.glance(file.key);
  const mark = file.worst === null ? '  ' : SEVERITY_MARK[file.worst];
  const live = glance.holders.filter((holder) => holder.ended_ns === undefined);
  const { text, isWaiting } = describeOperation(file, glance, reading);
  const path = clean(file.target.path ?? '(no name seen)');
  const line: Line = [
    span(isSelected ? ' ▸' : '  ', 'strong'),
    span(`${mark} `, file.worst === null ? 'plain' : SEVERITY_STYLE[file.worst]),
    span(fitText(cutMiddle(path, columns.path), columns.path)),
    span(' '),
    span(fitText(cutMiddle(nameInode(file, width), columns.inode), columns.inode), 'dim'),
    span(' '),
    span(
      fitText(clean(describeHolders(glance.holders, live)), columns.held),
      live.length > 0 ? 'plain' : 'dim',
    ),
    span(' '),
    span(fitText(clean(text), columns.waits), isWaiting ? 'critical' : 'dim'),
  ];
  return isSelected ? restyle(fitLine(line, width), 'selected') : line;
}

/** Live holders; when there are none, the last one that there was. */
function describeHolders(all: readonly Holder[], live: readonly Holder[]): string {
  const [first, ...others] = joinAlike(live);
  if (first !== undefined) {
    return summarizeHolder(first.holder) + (others.length === 0 ? '' : `, +${others.length}`);
  }
  const last = all.at(-1);
  return last === undefined ? '-' : `was ${summarizeHolder(last)}`;
}

/** Who waits now and for how long; else how the last operation ended. */
function describeOperation(
  file: FileSummary,
  { operation }: Glance,
  reading: Reading,
): { readonly text: string; readonly isWaiting: boolean } {
  const [waiter, ...others] = file.waiting;
  if (waiter !== undefined) {
    const more = others.length === 0 ? '' : ` +${others.length}`;
    const since = formatAge(reading.nowNs - waiter.since_ns);
    return { text: `${waiter.op}[${waiter.pid}] ${since}${more}`, isWaiting: true };
  }
  if (operation === null) return { text: '-', isWaiting: false };
  const waited = operation.waited_ms > 0 ? ` in ${formatDuration(operation.waited_ms * 1e6)}` : '';
  return { text: `${operation.op}→${nameResult(operation)}${waited}`, isWaiting: false };
}
