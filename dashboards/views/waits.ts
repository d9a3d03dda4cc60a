/** Who waits for whom: the tree, circles marked, and for the chosen row what to do about it. */
import { unreachable } from '../../src/base/brand.ts';
import { plural } from '../../src/base/text.ts';
import { formatDuration } from '../../src/base/time.ts';
import { operationName, taskName, waitText } from '../../src/model/wording.ts';
import {
  BLANK,
  fitLine,
  type Line,
  labelled,
  lineText,
  lineWidth,
  restyle,
  type Size,
  span,
} from '../frame.ts';
import { chosenRow, rowsOf } from '../rows.ts';
import type { Reading, Scene } from '../scene.ts';
import { circlePids, type WaitRow } from '../wait-tree.ts';
import { formatAge, namePath } from '../words.ts';

/** The body of the view, at most `height` lines. */
export function waitLines(scene: Scene, { width, height }: Size): readonly Line[] {
  const rows = rowsOf(scene)
    .slice(0)
    .flatMap((row) => (row.kind === 'wait' ? [row.wait] : []));
  if (rows.length === 0) return nothingWaits(scene, width);
  const selected = chosenRow(scene.gaze, rowsOf(scene));
  const circle = circlePids(rows);
  const chosen = rows[selected];
  const below =
    chosen === undefined
      ? []
      : [...wholeLines(chosen, scene.reading, circle, width), ...adviceLines(chosen, rows, circle, width)];
  const advice = below.slice(0, Math.max(0, height - 5));
  const room = Math.max(1, height - 1 - (advice.length > 0 ? advice.length + 1 : 0));
  const top = Math.max(0, Math.min(selected - Math.floor(room / 2), rows.length - room));
  const calls = new Set(rows.flatMap((row) => (row.kind === 'wait' ? [row.edge] : []))).size;
  const circles = circle.size === 0 ? [] : [span('  with a circle', 'critical')];
  return [
    [
      span(` WAITS ${calls}`, 'heading'),
      span('  who holds, and below it who waits for it', 'dim'),
      ...circles,
    ],
    ...rows
      .slice(top, top + room)
      .map((row, index) => rowLine(row, scene.reading, circle, top + index === selected, width)),
    ...(advice.length > 0 ? [BLANK, ...advice] : []),
  ];
}

function nothingWaits({ gaze, reading }: Scene, width: number): readonly Line[] {
  if (gaze.filter !== '' && reading.waits().length > 0) {
    return [[span(`   no wait has '${gaze.filter}' in it (Esc drops the filter)`, 'dim')]];
  }
  return labelled([span('   ')], 'nothing waits for a lease or a pinned page now', width, 'good');
}

function rowLine(
  row: WaitRow,
  reading: Reading,
  circle: ReadonlySet<number>,
  isSelected: boolean,
  width: number,
): Line {
  const branch = row.depth === 0 ? '' : `${'   '.repeat(row.depth - 1)}${row.isLast ? '└─ ' : '├─ '}`;
  const line: Line = [
    span(isSelected ? ' ▸ ' : '   ', 'strong'),
    span(branch, 'dim'),
    ...describeRow(row, reading, circle),
  ];
  return isSelected ? restyle(fitLine(line, width), 'selected') : line;
}

/** The row's words once more where the tree cuts them. */
function wholeLines(
  row: WaitRow,
  reading: Reading,
  circle: ReadonlySet<number>,
  width: number,
): readonly Line[] {
  if (lineWidth(rowLine(row, reading, circle, false, width)) <= width) return [];
  const text = lineText(describeRow(row, reading, circle));
  return labelled([span(' CHOSEN   ', 'heading')], text, width);
}

function describeRow(row: WaitRow, reading: Reading, circle: ReadonlySet<number>): Line {
  switch (row.kind) {
    case 'blocker': {
      const mark = row.isCircle ? span('CIRCLE ', 'critical') : span('');
      const count = `${plural(row.behind, 'call')} behind it: `;
      return [mark, span(`${taskName(row.task)}  `, 'strong'), span(`${count}${row.holds}`)];
    }
    case 'nobody':
      return [
        span(row.idle ? 'nobody: the kernel missed their wake-up' : 'a holder that is not known', 'warning'),
      ];
    case 'wait': {
      const { edge, others } = row;
      const age = formatAge(reading.nowNs - edge.since_ns);
      const also = others.length === 0 ? '' : `, also for ${others.map(taskName).join(', ')}`;
      const left =
        edge.left_ms === null ? '' : `, the kernel ends it in ${formatDuration(edge.left_ms * 1e6)}`;
      const mark = circle.has(edge.waiter.pid) ? '↻ ' : '';
      return [
        span(`${mark}${operationName(edge.op)} by ${taskName(edge.waiter)} `, 'plain'),
        span(`waits ${age}`, 'critical'),
        span(` for ${waitText(edge.on)} of ${namePath(edge.target)}${left}${also}`),
      ];
    }
    case 'circle':
      return [span(`↻ ${taskName(row.task)} again: the circle closes here`, 'critical')];
    default:
      return unreachable(row);
  }
}

/** What to do about the chosen row. Of a circle one process has to go: the one that closed it, whose wait is the youngest. */
function adviceLines(
  row: WaitRow,
  rows: readonly WaitRow[],
  circle: ReadonlySet<number>,
  width: number,
): readonly Line[] {
  const isInCircle =
    row.kind === 'circle' ||
    (row.kind === 'blocker' && row.isCircle) ||
    (row.kind === 'wait' && circle.has(row.edge.waiter.pid));
  if (isInCircle) return circleAdvice(rows, circle, width);
  const steps = row.kind === 'blocker' ? row.first.to_free : row.kind === 'wait' ? row.edge.to_free : [];
  if (row.kind === 'nobody') {
    const text = row.idle
      ? 'choose a call below to see how to wake it'
      : 'no trace of who holds it: was it there before tracing began?';
    return labelled([span(' TO FREE  ', 'heading')], text, width);
  }
  if (steps.length === 0)
    return labelled([span(' TO FREE  ', 'heading')], 'nothing is known that would help', width);
  return steps.flatMap((step, index) =>
    labelled([index === 0 ? span(' TO FREE  ', 'heading') : span('          ')], step, width, 'strong'),
  );
}

function circleAdvice(rows: readonly WaitRow[], circle: ReadonlySet<number>, width: number): readonly Line[] {
  const edges = rows.flatMap((row) =>
    row.kind === 'wait' && circle.has(row.edge.waiter.pid) ? [row.edge] : [],
  );
  const all = rows.flatMap((row) => (row.kind === 'wait' ? [row.edge] : []));
  const inIt = edges.length > 0 ? edges : all;
  const last = inIt.reduce<(typeof inIt)[number] | undefined>(
    (latest, edge) => (latest === undefined || edge.since_ns > latest.since_ns ? edge : latest),
    undefined,
  );
  if (last === undefined) return [];
  const text = `end ${taskName(last.waiter)}: its ${operationName(last.op)} closed the circle last. Nothing in a circle goes on by itself.`;
  return labelled([span(' TO FREE  ', 'heading')], text, width, 'strong');
}
