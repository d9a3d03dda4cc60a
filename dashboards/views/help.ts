/** The help, generated from the key table and from the marks that the views use. */
import { BLANK, type Line, labelled, span } from '../frame.ts';
import { KEY_TABLE } from '../keys.ts';

const KEY_CELLS = 12;

const MEANINGS: readonly (readonly [string, string])[] = [
  ['!!  !  ·', 'critical finding, warning, note'],
  ['WAITING', 'an operation sleeps: for how long, on whom'],
  ['UNSURE', 'rows were lost or late: what is not shown may exist all the same'],
  ['STOPPED', 'tracing ended by itself: the screen is as it was then'],
  ['┬ │ ┴', 'in a timeline: a lease, pin or wait begins, goes on, ends'],
];

/** All lines of the help; the composer shows a window of them. */
export function helpLines(width: number): readonly Line[] {
  return [
    [span(' KEYS', 'heading')],
    ...KEY_TABLE.flatMap(({ shown, does }) => entry(shown, does, width)),
    BLANK,
    [span(' MARKS', 'heading')],
    ...MEANINGS.flatMap(([mark, meaning]) => entry(mark, meaning, width)),
  ];
}

function entry(term: string, meaning: string, width: number): readonly Line[] {
  return labelled([span(`   ${term}`.padEnd(KEY_CELLS), 'strong')], meaning, width);
}
