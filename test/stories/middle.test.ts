/** A right answer from the middle of a story passes; each claim to know what was before is a complaint. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TruthRow } from '../lab/story.ts';
import { agreeOnMiddle } from './middle.ts';
import { runOfHandedOver, type Spoilt, truthOfHandedOver } from './right-answers.ts';

const GONE_ON: TruthRow = { t_ns: 14e9, pid: 404, comm: 'handed-over', did: 'gone-on' };
const truth = [...truthOfHandedOver, GONE_ON].sort((one, other) => one.t_ns - other.t_ns);

const GUESS = { certainty: 'likely', reasons: ['it was there before the trace'] } as const;
const RIGHT: Spoilt = {
  file: GUESS,
  lease: GUESS,
  pin: GUESS,
  finding: { certainty: 'likely' },
};

const complaints = (spoilt: Spoilt): string[] =>
  agreeOnMiddle(runOfHandedOver({ ...RIGHT, ...spoilt }).report, truth);

test('what is called a guess, and what came after, is right', () => {
  assert.deepEqual(complaints({}), []);
});

test('each spoilt answer has its complaint', () => {
  const spoilt: readonly [Spoilt, RegExp][] = [
    [{ pin: { certainty: 'definite' } }, /a pin from before is said to be definite/],
    [{ lease: { certainty: 'definite' } }, /a lease from before/],
    [{ file: { ...GUESS, certainty: 'definite' } }, /certainty about the file/],
    [
      { file: { ...GUESS, reasons: ['rows were lost'] } },
      /no reason tells of the time before: rows were lost/,
    ],
    [{ operation: { result: -5 } }, /truncate: result/],
    [{ operation: { pid: 999 } }, /the truncate by 404 is missing/],
    [{ finding: { certainty: 'definite' } }, /holder-gone is definite about 405, which did nothing since/],
  ];
  for (const [spoil, wanted] of spoilt) assert.match(complaints(spoil).join('\n'), wanted);
});

test('a file that such a recording does not know is no complaint', () => {
  assert.deepEqual(complaints({ report: { files: [], findings: [] } }), []);
});
