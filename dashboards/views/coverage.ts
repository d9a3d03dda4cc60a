/** What this trace covers and what it lost: paths and hooks, gaps with their reasons, loss and lateness over time. */
import { formatCount, plural } from '../../src/base/text.ts';
import { BLANK, type Line, labelled, type Style, span } from '../frame.ts';
import type { Rate } from '../rates.ts';
import type { Scene } from '../scene.ts';
import { formatAge } from '../words.ts';
import { gapLines } from './help.ts';
import { sparkline } from './sparkline.ts';

const NAME_CELLS = 16;

/** All lines of the view; the composer shows a window of them. */
export function coverageLines(scene: Scene, width: number): readonly Line[] {
  const gaps = scene.reading.coverage.not_covered;
  return [
    ...traceLines(scene, width),
    BLANK,
    ...overTime(scene, width),
    BLANK,
    ...(gaps.length === 0
      ? [[span(' NOT COVERED 0', 'heading'), span('  every path of this version is traced', 'good')]]
      : gapLines(gaps, width)),
    BLANK,
    ...pathLines(scene, width),
  ];
}

function traceLines({ reading, kernel, bpftrace, host, recordingTo }: Scene, width: number): readonly Line[] {
  const { coverage, nowNs, forgotten } = reading;
  const { seen, lost, late, bad } = coverage.rows;
  const since = coverage.from_ns === null ? 'has not begun' : `for ${formatAge(nowNs - coverage.from_ns)}`;
  const kinds = [...coverage.lostByKind]
    .filter(([, rows]) => rows > 0)
    .map(([kind, rows]) => `${kind} ${formatCount(rows)}`);
  const entry = (name: string, text: string, style: Style = 'plain') =>
    labelled([span(`   ${name}`.padEnd(NAME_CELLS), 'dim')], text, width, style);
  return [
    [span(' TRACE', 'heading'), span(`  ${since}`, 'dim')],
    ...entry('kernel', `${kernel}, ${bpftrace}${host === '' ? '' : `, on ${host}`}`),
    ...(recordingTo === null ? [] : entry('recorded to', recordingTo, 'good')),
    ...entry(
      'rows',
      `${formatCount(seen)} seen; what the kernel counted and what came are compared every second`,
    ),
    ...entry(
      'lost',
      lost === 0 ? 'none' : `${plural(lost, 'row')}${kinds.length === 0 ? '' : `: ${kinds.join(', ')}`}`,
      lost > 0 ? 'critical' : 'good',
    ),
    ...entry(
      'late',
      late === 0 ? 'none' : `${plural(late, 'row')} came after their place was given out`,
      late > 0 ? 'warning' : 'good',
    ),
    ...entry('unreadable', bad === 0 ? 'none' : plural(bad, 'row'), bad > 0 ? 'warning' : 'good'),
    ...entry(
      'forgotten',
      forgotten === 0
        ? describeEvicted(coverage.evicted)
        : `${plural(forgotten, 'living entry', 'living entries')} for want of space`,
      forgotten > 0 ? 'critical' : 'good',
    ),
    ...(coverage.cut === null ? [] : entry('cut short', coverage.cut, 'critical')),
  ];
}

/** What has ended is forgotten sooner or later: no answer about the present needs it. */
function describeEvicted(evicted: number): string {
  return evicted === 0
    ? 'nothing'
    : `nothing that lives; of what has ended, ${plural(evicted, 'entry', 'entries')}`;
}

const TIME_ROWS: readonly (readonly [Rate, Style])[] = [
  ['rows', 'plain'],
  ['lost', 'critical'],
  ['late', 'warning'],
  ['bad', 'warning'],
];

function overTime({ reading }: Scene, width: number): readonly Line[] {
  const seconds = Math.min(120, Math.max(10, width - NAME_CELLS - 20));
  return [
    [span(' OVER TIME', 'heading'), span(`  the last ${seconds} s, a cell for each second`, 'dim')],
    ...TIME_ROWS.map(([rate, style]): Line => {
      const counts = reading.rates.lately(rate, reading.nowNs, seconds);
      const most = Math.max(0, ...counts);
      return [
        span(`   ${rate}`.padEnd(NAME_CELLS), 'dim'),
        span(sparkline(counts), style),
        span(most === 0 ? 'none' : ` most ${formatCount(most)}/s`, most === 0 ? 'dim' : 'plain'),
      ];
    }),
  ];
}

function pathLines({ probes, reading }: Scene, width: number): readonly Line[] {
  const missing = new Set(reading.coverage.not_covered.map(({ path }) => path));
  if (probes.length === 0) return [[span(' PATHS', 'heading'), span('  not told by this recording', 'dim')]];
  const lines = probes.flatMap(({ path, hooks }) => {
    const isPart = missing.has(path);
    const state = hooks.length === 0 ? 'nothing attached' : plural(hooks.length, 'hook');
    const names = hooks.length === 0 ? '' : `: ${hooks.join(', ')}`;
    return labelled(
      [
        span(`   ${path}`.padEnd(NAME_CELLS), 'strong'),
        span(isPart ? 'in part  ' : 'covered  ', isPart ? 'warning' : 'good'),
      ],
      `${state}${names}`,
      width,
      'dim',
    );
  });
  return [[span(` PATHS ${probes.length}`, 'heading')], ...lines];
}
