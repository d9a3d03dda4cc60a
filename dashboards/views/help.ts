/** The help: keys from the key table, the marks that the views use, and what this run cannot see. */
import type { NotCovered } from '../../src/event/header.ts';
import { BLANK, type Line, labelled, span } from '../frame.ts';
import { KEY_GROUPS } from '../keys.ts';
import { MARK_MEANINGS } from './lanes.ts';

const KEY_CELLS = 12;

const MEANINGS: readonly (readonly [string, string])[] = [
  ['!!  !  ·', 'critical finding, warning, note'],
  ['WAITING', 'an operation sleeps: for how long, on whom'],
  ['QUIET', 'nothing waits, no critical finding'],
  ['LOOK', 'nothing waits, but there is a critical finding'],
  ['CERTAIN', 'nothing was lost, every path is traced'],
  ['PARTIAL', 'some paths are not covered here: see below'],
  ['UNSURE', 'rows were lost or late: what is not shown may exist all the same'],
  ['STOPPED', 'tracing ended by itself: the screen is as it was then'],
  ['├──┤ ├─▶', 'on a time line: a lease, pin or wait from its start to its end, or still on'],
  ['moments', MARK_MEANINGS],
  ['┬ │ ┴', 'in a story: a lease, pin or wait begins, goes on, ends'],
  ['↻', 'a circle of waits: nobody in it goes on by itself'],
];

/** All lines of the help; the composer shows a window of them. */
export function helpLines(gaps: readonly NotCovered[], width: number): readonly Line[] {
  return [
    ...KEY_GROUPS.flatMap(({ title, bindings }, index) => [
      ...(index === 0 ? [] : [BLANK]),
      [span(` ${title}`, 'heading')] as Line,
      ...bindings.flatMap(({ shown, does }) => entry(shown, does, width)),
    ]),
    BLANK,
    [span(' MARKS', 'heading')],
    ...MEANINGS.flatMap(([mark, meaning]) => entry(mark, meaning, width)),
    ...(gaps.length === 0 ? [] : [BLANK, ...gapLines(gaps, width)]),
  ];
}

/** The paths that are not covered, with the reason of each. */
export function gapLines(gaps: readonly NotCovered[], width: number): readonly Line[] {
  const lines = gaps.flatMap(({ path, reason }) =>
    labelled([span('   '), span(`${path}: `, 'strong')], reason, width),
  );
  return [[span(` NOT COVERED ${gaps.length}`, 'heading')], ...lines];
}

function entry(term: string, meaning: string, width: number): readonly Line[] {
  return labelled([span(`   ${term}`.padEnd(KEY_CELLS), 'strong')], meaning, width);
}
