/** The conclusions must be able to fail: one right answer, and the same with one thing wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameLength } from './difference.ts';
import { handedOverMapped } from './handed-over-mapped.ts';
import { handedOverUnmapped } from './handed-over-unmapped.ts';
import { expectedWords, wordsOf } from './rdma-handed-over.ts';
import { runOfHandedOver, type Spoilt, truthOfHandedOver } from './right-answers.ts';

const stranger = { pid: 999, comm: 'handed-over', alive: false };

test('the right answer is agreed with', () => {
  assert.deepEqual(handedOverMapped.check(runOfHandedOver()), []);
});

const wrong: readonly (readonly [what: string, spoilt: Spoilt, complaint: RegExp])[] = [
  ['another process pinned', { pin: { taken_by: stranger } }, /pin: taken by/],
  ['a page too few', { pin: { pages: 15 } }, /pages: whopins says 15, the truth is 16/],
  ['a wrong size', { pin: { bytes: 4096 } }, /bytes/],
  ['another way of pinning', { pin: { via: 'direct-io' } }, /via/],
  ['long-term', { pin: { longterm: true } }, /long-term/],
  ['nobody holds it', { pin: { held_by: [] } }, /held by/],
  ['still in flight', { pin: { in_flight: true } }, /in flight/],
  ['pinned a second late', { pin: { since_ns: 12e9 } }, /pin: taken: .* 1000 ms later/],
  ['never released', { stillPinned: true }, /pin: ended: whopins says never/],
  ['an unsure pin', { pin: { certainty: 'likely' } }, /pin: certainty/],
  ['a pin without a lease', { pin: { lease: null } }, /pin: lease/],
  ['pages freed that were not', { pin: { freed_by: freed() } }, /freed by/],
  ['another lease holder', { lease: { taken_by: stranger } }, /lease: taken by/],
  ['no holders', { file: { holders: [] } }, /holders/],
  ['no truncate', { file: { operations: [] } }, /number of truncate operations/],
  ['another truncating process', { operation: { pid: 999 } }, /truncate: pid/],
  ['a truncate that failed', { operation: { result: -4 } }, /truncate: result/],
  ['a truncate that runs on', { operation: { state: 'running' } }, /truncate: state/],
  ['too short a wait', { operation: { waited_ms: 4400 } }, /waited: whopins says 4400 ms/],
  ['a wait without its parts', { operation: { waits: [] } }, /sum of its waits/],
  ['waiting for another process', { operation: { waits: [waitFor(405)] } }, /blockers/],
  ['a finding is missing', { without: 'holder-gone' }, /finding holder-gone .* missing/],
  ['a finding too many', { also: 'sigio-stray' }, /sigio-stray is there/],
  ['freed where it waited', { also: 'freed-under-pin' }, /freed-under-pin is there/],
  ['an unsure finding', { finding: { certainty: 'likely' } }, /finding holder-gone: certainty/],
  ['a wrong path', { file: { target: { dev: '259:0', ino: 131, path: '/x', fs: 'xfs' } } }, /path/],
  ['an unknown file', { report: { files: [] } }, /does not know/],
  ['lost rows', { report: { rows: { seen: 9, lost: 1, late: 0, bad: 0 } } }, /rows lost/],
  ['undecodable rows', { report: { rows: { seen: 9, lost: 0, late: 0, bad: 1 } } }, /decoded/],
  ['a cut recording', { report: { complete: false } }, /complete/],
  ['an unsure report', { report: { certainty: 'unknown' } }, /certainty of the report/],
  ['no report', { run: { report: null } }, /breaks its contract: report is no object/],
  ['a bad shape', { run: { report: { findings: [] } } }, /report\.files is no list/],
  ['a failed workload', { run: { exitCode: 1 } }, /ended with 1/],
  [
    'a workload that said too little',
    { run: { truth: truthOfHandedOver.slice(0, 3) } },
    /'fds-received' \{\} once, it did 0 times/,
  ],
  ['a workload that said nothing', { run: { truth: [] } }, /'file-made'/],
];

function freed() {
  return { op: 'truncate', pid: 404, comm: 'handed-over', at_ns: 15e9 } as const;
}

function waitFor(pid: number) {
  return { on: 'dax-page', ms: 5000, since_ns: 15e9, blockers: [pid] } as const;
}

for (const [what, spoilt, complaint] of wrong) {
  test(`a wrong answer is complained about: ${what}`, () => {
    const complaints = handedOverMapped.check(runOfHandedOver(spoilt));
    assert.match(complaints.join('\n'), complaint);
  });
}

test('without a mapping the answer depends on the kernel', () => {
  assert.deepEqual(handedOverUnmapped.check(runOfHandedOver({ run: { kernel: '7.3' } })), []);
  const onOld = handedOverUnmapped.check(runOfHandedOver({ run: { kernel: '6.12' } }));
  assert.match(onOld.join('\n'), /finding freed-under-pin .* missing/);
  assert.match(onOld.join('\n'), /blocked-operation is there/);
});

test('lengths agree within 250 ms or a tenth', () => {
  assert.deepEqual(
    [isSameLength(0, 250), isSameLength(0, 251), isSameLength(4500, 5000), isSameLength(4499, 5000)],
    [true, false, true, false],
  );
});

test('the words of who are compared without ages, and nothing else', () => {
  const truth = truthOfHandedOver.map((row) => ({ ...row, comm: 'rdma', device: 'rxe0' }));
  const said = expectedWords(truth).join('\n').replace('AGE', '1.0 s');
  assert.deepEqual(wordsOf(`${said}\n`), expectedWords(truth));
  assert.notDeepEqual(wordsOf(said.replace('rdma[406]', 'rdma[407]')), expectedWords(truth));
  assert.notDeepEqual(wordsOf(said.replace('256 pages', '255 pages')), expectedWords(truth));
});
