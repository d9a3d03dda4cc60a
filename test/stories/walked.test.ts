/** What is said of a walk must be able to fail: the right answer of already-hung, and the same with one thing wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeldBy, PinHolder, Wait, WhoAnswer } from '../../src/model/answer.ts';
import { alreadyHung } from './already-hung.ts';
import {
  runOfAlreadyHung,
  type SpoiltWalk,
  truthOfAlreadyHung,
  walkedAlreadyHung,
  walkedLease,
  walkedPin,
} from './right-walks.ts';
import { only, subjectOf } from './truth.ts';
import { agreeOnWalk, type ExpectedWalk, handle, isGap, user } from './walked.ts';

test('the right walk is agreed with', () => {
  assert.deepEqual(alreadyHung.check(runOfAlreadyHung()), []);
});

const stranger = { pid: 999, comm: 'handed-over', alive: true };
const [held] = walkedPin.held_by;
assert.ok(held !== undefined);

const heldOtherwise = (spoilt: Partial<HeldBy>): SpoiltWalk => ({
  pin: { held_by: [{ ...held, ...spoilt }] },
});
const waitsOtherwise = (spoilt: Partial<Wait>): SpoiltWalk => ({
  waiting: { waits: [{ on: 'dax-page', ms: 1500, since_ns: 15e9, blockers: [406], ...spoilt }] },
});

const wrong: readonly (readonly [what: string, spoilt: SpoiltWalk, complaint: RegExp])[] = [
  ['another file', { answer: { target: { dev: '259:0', ino: 7, path: null, fs: null } } }, /ino: /],
  ['another device', { answer: { target: { dev: '8:1', ino: 131, path: null, fs: null } } }, /dev: /],
  ['no path', { answer: { target: { dev: '259:0', ino: 131, path: null, fs: 'xfs' } } }, /path: /],
  ['no walk', { answer: { walked_ns: null } }, /the walk was at null ns/],
  ['a walk before the late point', { answer: { walked_ns: 14e9 } }, /the walk was at 14000000000 ns/],
  ['no holder', { answer: { holders: [] } }, /kinds of holders: whopins says \[\]/],
  ['a holder too many', { answer: { holders: [walkedPin, walkedLease] } }, /kinds of holders: .*"lease"/],
  ['pages of no file', { pin: { orphan: true } }, /kinds of holders: .*"orphan pin"/],
  ['a page too few', { pin: { pages: 15 } }, /pin: pages: whopins says 15/],
  ['a wrong size', { pin: { bytes: 4096 } }, /pin: bytes/],
  ['another way of pinning', { pin: { via: 'xdp-umem' } }, /pin: via/],
  ['long-term', { pin: { longterm: true } }, /pin: long-term/],
  ['a living taker', { pin: { taken_by: { ...stranger, pid: 405 } } }, /pin: taken by: .*"alive":true/],
  ['another taker', { pin: { taken_by: stranger } }, /pin: taken by: .*999/],
  ['nobody has it', { pin: { held_by: [] } }, /pin: held by/],
  ['another process has it', heldOtherwise({ pid: 999 }), /pin: held by: .*"pid":999/],
  ['under another name', heldOtherwise({ comm: 'x' }), /pin: held by/],
  ['a descriptor too few', heldOtherwise({ fds: [3] }), /pin: held by/],
  ['through a socket', heldOtherwise({ through: 'socket-queue' }), /pin: held by/],
  ['by a dead process', heldOtherwise({ alive: false }), /pin: alive/],
  ['in flight', { pin: { in_flight: true } }, /pin: in flight/],
  ['as if it was seen', { pin: { origin: 'observed' } }, /pin: origin/],
  ['as if it had ended', { pin: { ended_ns: 16e9 } }, /pin: ended/],
  ['unsure', { pin: { certainty: 'likely' } }, /pin: certainty/],
  ['without evidence', { pin: { evidence: [] } }, /pin: has evidence/],
  ['nothing waits', { answer: { operations: [] } }, /number of waiting operations: whopins says 0/],
  ['the wait is over', { waiting: { state: 'done' } }, /number of waiting operations/],
  ['another call waits', { waiting: { op: 'open' } }, /waiting: operation/],
  ['another process waits', { waiting: { pid: 999 } }, /waiting: pid/],
  ['for a lease', waitsOtherwise({ on: 'lease-break' }), /waiting: on/],
  ['for somebody else', waitsOtherwise({ blockers: [405] }), /waiting: blockers/],
  ['for nobody', waitsOtherwise({ blockers: [], idle: true }), /waiting: idle/],
  ['for an unknown page', { waiting: { evidence: [] } }, /no page on its stack/],
  ['for another page', { waiting: { evidence: ['page 0x1'] } }, /it waits for page 0x1, but/],
  ['no users', { answer: { users: [] } }, /users/],
  ['a user too many', { answer: { users: [{ ...stranger, fds: [3], mapped_bytes: 0 }] } }, /users/],
  ['a wrong mapping', { answer: { users: [{ ...held, fds: [], mapped_bytes: 1 }] } }, /users/],
  ['pages unexplained', { answer: { pin_balance: { counted: 5, explained: 0 } } }, /pages explained/],
  ['unsure without a reason', { answer: { certainty: 'unknown' } }, /does not say why/],
  ['nothing to free', { answer: { to_free: [] } }, /no step names handed-over\[406\]/],
  ['the wrong one to end', { answer: { to_free: ['end x[7]'] } }, /would free nothing: end x\[7\]/],
  ['words without the holder', { text: 'waits: truncate by handed-over[404]' }, /does not say .*406/],
  ['words without an fd', { text: 'handed-over[406] fd 3, handed-over[404]' }, /does not say .*3, 9/],
  ['words without the waiter', { text: 'handed-over[406] through pipe fds 3 and 9' }, /that 404 waits/],
];

for (const [what, spoilt, complaint] of wrong) {
  test(`a wrong walk is complained about: ${what}`, () => {
    assert.match(alreadyHung.check(runOfAlreadyHung(spoilt)).join('\n'), complaint);
  });
}

test('a story played late must have been asked about', () => {
  const { walked: _, ...run } = runOfAlreadyHung();
  assert.deepEqual(alreadyHung.check(run), ['whopins who was not asked at the late point']);
  const shapeless = { ...run, walked: { answer: { holders: 3 }, text: '', stderr: '' } };
  assert.match(alreadyHung.check(shapeless).join('\n'), /who --json breaks its contract/);
});

test('what was recorded from there is judged too', () => {
  const recorded = (...spoilt: Parameters<typeof runOfAlreadyHung>) =>
    alreadyHung.check(runOfAlreadyHung(...spoilt)).join('\n');
  assert.match(recorded({}, { pin: { held_by: [] } }), /pin: held by/);
  assert.match(recorded({}, { pin: { pages: 1 } }), /pin: pages/);
  assert.match(recorded({}, { pin: { certainty: 'unknown' } }), /pin: certainty/);
  assert.match(recorded({}, { pin: { ended_ns: 30e9 } }), /pin: ended/);
  assert.match(recorded({}, { operation: { state: 'waiting' } }), /truncate: state/);
  assert.match(recorded({}, { operation: { waited_ms: 1000 } }), /truncate: waited/);
  assert.match(recorded({}, { operation: { waits: [] } }), /truncate: waits on/);
});

const subject = subjectOf(only(truthOfAlreadyHung, 'file-made'));
const received = only(truthOfAlreadyHung, 'fds-received');
const users = [user(only(truthOfAlreadyHung, 'mapped'), 4096)];
const began = only(truthOfAlreadyHung, 'truncate-began');

const complaintsOf = (spoilt: SpoiltWalk, expected: ExpectedWalk): string =>
  agreeOnWalk({ truth: truthOfAlreadyHung, subject, walked: walkedAlreadyHung(spoilt) }, expected).join('\n');

test('nobody must be said, not left out, and no holder guessed', () => {
  const nobody = { holders: [], operations: [], to_free: [], certainty: 'definite' } as const;
  assert.equal(complaintsOf({ answer: nobody, text: 'pinned by nobody' }, { users }), '');
  assert.match(complaintsOf({ answer: nobody, text: 'nothing' }, { users }), /does not say nobody/);
  assert.match(complaintsOf({ text: 'nobody' }, { users }), /kinds of holders/);
  const guess = { ...nobody, to_free: ['end handed-over[406]'] };
  assert.match(complaintsOf({ answer: guess, text: 'nobody' }, { users }), /would free nothing/);
});

test('a wait for nobody must be called so, with what helps', () => {
  const waiting = { op: 'truncate', began, on: 'dax-page', blockers: [], idle: true } as const;
  const to_free = ['kill -STOP 404, then kill -CONT 404'];
  const idle = { ...waitsOtherwise({ blockers: [], idle: true }), answer: { holders: [], to_free } };
  const text =
    'truncate by handed-over[404] waits for a page held by nobody: kill -STOP 404, then kill -CONT 404';
  assert.equal(complaintsOf({ ...idle, text }, { users, waiting }), '');
  assert.match(
    complaintsOf({ ...idle, text: 'handed-over[404] nobody' }, { users, waiting }),
    /to stop and continue it/,
  );
  assert.match(
    complaintsOf({ ...idle, answer: { holders: [], to_free: [] }, text }, { users, waiting }),
    /no step names CONT/,
  );
  const unknown = { ...idle, ...waitsOtherwise({ blockers: [] }), text };
  assert.match(complaintsOf(unknown, { users, waiting }), /waiting: idle: whopins says false/);
});

test('a lease carries its taker and its type', () => {
  const taken = only(truthOfAlreadyHung, 'lease-taken');
  const expected = { holder: { taken, heldBy: [handle(received)] }, users };
  const walk = (lease: Partial<typeof walkedLease>) =>
    complaintsOf({ answer: { holders: [{ ...walkedLease, ...lease }], operations: [] } }, expected);
  assert.equal(walk({}), '');
  assert.match(walk({ taken_by: null }), /lease: taken by: whopins says null, the truth is 405/);
  assert.match(walk({ lease: { ...walkedLease.lease, type: 'read' } }), /lease: state/);
  assert.match(walk({ lease: { ...walkedLease.lease, state: 'breaking' } }), /lease: state/);
});

test('an orphan may be unsure with a reason, not without', () => {
  const taken = only(truthOfAlreadyHung, 'pages-pinned');
  const expected = { holder: { taken, heldBy: [handle(received)], orphan: true }, users };
  const walk = (pin: Partial<PinHolder>) => complaintsOf({ pin, answer: { operations: [] } }, expected);
  assert.equal(walk({ orphan: true, certainty: 'likely', reasons: ['which file it was is unknown'] }), '');
  assert.match(walk({ orphan: true, certainty: 'likely' }), /pin: certainty/);
  assert.match(walk({}), /orphan pin/);
});

test('a gap is an empty answer that says so', () => {
  const gap = (answer: Partial<WhoAnswer>) => isGap({ walked: walkedAlreadyHung({ answer }) });
  const reasons = ['mappings cannot be looked into'];
  assert.ok(gap({ holders: [], certainty: 'unknown', reasons }));
  assert.ok(!gap({ holders: [], certainty: 'unknown' }));
  assert.ok(!gap({ holders: [], certainty: 'definite', reasons }));
  assert.ok(!gap({ certainty: 'unknown', reasons }));
  assert.ok(!isGap({}));
});
