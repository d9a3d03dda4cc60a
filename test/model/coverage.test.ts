/** Rows seen, lost, late and unreadable; and how far answers can be trusted when some are missing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, InodeKey } from '../../src/event/event.ts';
import { advanceClock, coverage, reportAnswer, whoAnswer } from '../../src/model/model.ts';
import { fired, header, hello, lost, play, row, settled, who } from './rows.ts';
import { rdmaHandedOver, until } from './stories.ts';

const a = who(10, 'a');
const KEY = '0:26:2' as InodeKey;
const beat = (s: number) => row(s, a, 'beat');

function lostIn(events: readonly Event[]) {
  const { rows, lostByKind } = coverage(play(events));
  return [rows.lost, Object.fromEntries(lostByKind)];
}

test('after bye, lost is what was fired and not seen, kind by kind', () => {
  const rows = [hello(), row(1, a, 'task.executed'), row(2, a, 'bye')];
  assert.deepEqual(lostIn([...rows, settled(2, rows)]), [0, {}]);
  assert.deepEqual(lostIn([...rows, settled(2, rows, { 'fd.closed': 3, 'task.executed': 1 })]), [
    4,
    { 'fd.closed': 3, 'task.executed': 1 },
  ]);
});

test('at a beat, rows may still be on their way: only what the beat before counted can be lost', () => {
  const first = [hello(), row(1, a, 'task.executed'), beat(1), fired(1, { 'task.executed': 3 })];
  assert.deepEqual(lostIn(first), [0, {}]);
  const second = [...first, beat(2), fired(2, { 'task.executed': 3 })];
  assert.deepEqual(lostIn(second), [2, { 'task.executed': 2 }]);
  const arrived = [...second, row(2.1, a, 'task.executed'), beat(3), fired(3, { 'task.executed': 4 })];
  assert.deepEqual(lostIn(arrived), [1, { 'task.executed': 1 }]);
});

test('rows that come later make up for a lost one in the count: it was lost since the count was whole', () => {
  const exec = (s: number) => row(s, a, 'task.executed');
  const told = (s: number, rows: number) => [beat(s), fired(s, { 'task.executed': rows })];
  const whole = [hello(), exec(1), ...told(1.5, 1), exec(2), ...told(2.5, 2)];
  // One is lost before 3.5, and until 4.5 two more come.
  const later = [...whole, ...told(3.5, 3), exec(4), exec(4.2), ...told(4.5, 5), ...told(5.5, 5), beat(6)];
  assert.deepEqual(reportAnswer(play(later)).losses, [
    { from_ns: 2.5e9, to_ns: 5.5e9, rows: 1, kind: 'task.executed' },
  ]);
});

test('hits that the kernel skipped may have been rows: they are named, and lower what rests on such rows', () => {
  const skipped = (s: number, kinds: string) =>
    row(s, who(0, ''), 'probe.skipped', { hook: 'fentry:filp_flush', kinds, hits: 12, since: 1e9 });
  const certaintyWith = (kinds: string) => {
    const { certainty, reasons } = whoAnswer(play([...rdmaHandedOver(), skipped(4, kinds)]), KEY);
    return [certainty, ...reasons];
  };
  const [certainty, ...reasons] = certaintyWith('fd.closed');
  assert.equal(certainty, 'likely');
  assert.ok(
    reasons.some((reason) => /^12 hits of a probe for 'fd.closed' skipped by the kernel/.test(reason)),
  );
  assert.equal(certaintyWith('')[0], 'likely');
  assert.equal(certaintyWith('pin.counted')[0], 'definite');
  const played = play([...rdmaHandedOver(), skipped(4, 'fd.closed'), skipped(5, '')]);
  const { rows, not_covered } = coverage(played);
  assert.equal(rows.lost, 0);
  assert.match(not_covered.at(-1)?.reason ?? '', /^24 hits of probes that the kernel skipped/);
});

test('the final counters know nothing of skipped hits: they stay', () => {
  const rows = [
    hello(),
    row(2, who(0, ''), 'probe.skipped', { hook: 'a tracepoint', kinds: '', hits: 3, since: 1e9 }),
    row(3, a, 'bye'),
  ];
  const fired = rows.filter(({ kind }) => kind !== 'probe.skipped');
  const model = play([...rows, settled(3, fired)]);
  assert.deepEqual(coverage(model).rows.lost, 0);
  assert.equal(coverage(model).lostByKind.size, 0);
  assert.match(reportAnswer(model).reasons.join(), /3 hits of a probe skipped/);
});

test('what bpftrace says it lost counts at once, until the final counters tell', () => {
  const rows = [hello(), lost(1, 5)];
  assert.deepEqual(lostIn(rows), [5, {}]);
  assert.deepEqual(lostIn([...rows, settled(2, rows, { 'pin.taken': 3 })]), [3, { 'pin.taken': 3 }]);
  assert.deepEqual(lostIn([...rows, settled(2, rows, { 'pin.taken': 7 })]), [7, { 'pin.taken': 7 }]);
});

test('late and unreadable rows are counted; a late row moves no clock back', () => {
  const model = play([
    hello(),
    beat(3),
    { kind: 'stream.late', ts: 1e9 as never, behindNs: 2e9 },
    beat(1),
    { kind: 'stream.bad', ts: 3e9 as never, why: 'x' },
  ]);
  const { rows, now_ns, from_ns } = coverage(model);
  assert.deepEqual([rows, now_ns, from_ns], [{ seen: 3, lost: 0, late: 1, bad: 1 }, 3e9, 0]);
});

test('the clock moves on without rows, never back', () => {
  const model = play([hello(), beat(3)]);
  advanceClock(model, 5e9 as never);
  advanceClock(model, 4e9 as never);
  assert.equal(coverage(model).now_ns, 5e9);
});

/** The story of the memory region up to 5.1 s, ended there, with rows missing that the kernel counted. */
function storyWith(missing: Readonly<Record<string, number>>, extra: readonly Event[] = []) {
  const rows = until(5.1, rdmaHandedOver());
  const all = [...rows, ...extra, row(6, a, 'bye')];
  return whoAnswer(play([...all, settled(6, all, missing)]), KEY);
}

test('an answer rests on every row that bears on it', () => {
  assert.equal(storyWith({}).certainty, 'definite');
  const missing = storyWith({ 'fd.closed': 2 });
  assert.deepEqual(
    [missing.certainty, missing.holders[0]?.certainty, missing.loss.rows],
    ['likely', 'likely', 2],
  );
  assert.match(missing.reasons.join(), /2 rows 'fd\.closed' lost between \+0\.000 s and \+6\.000 s/);
});

test('lost names and refusals take nothing from an answer', () => {
  const answer = storyWith({ 'inode.named': 40, 'lease.refused': 2 });
  assert.deepEqual([answer.certainty, answer.loss.rows], ['definite', 42]);
});

test('a lost break leaves it open whether a lease is being broken', () => {
  const answer = storyWith({ 'break.blocked': 1 });
  assert.deepEqual([answer.certainty, answer.holders[0]?.certainty], ['likely', 'likely']);
});

test('loss of an unknown kind is doubt until the counters explain it', () => {
  const rows = until(5.1, rdmaHandedOver());
  assert.equal(whoAnswer(play([...rows, lost(5.1, 3)]), KEY).certainty, 'likely');
  assert.equal(storyWith({ 'inode.named': 3 }, [lost(5.1, 3)]).certainty, 'definite');
  assert.equal(storyWith({ 'pin.taken': 3 }, [lost(5.1, 3)]).certainty, 'likely');
});

test('a trace that broke off answers as of then, and says so', () => {
  const cut: Event = { kind: 'stream.cut', ts: 5.1e9 as never, why: 'bpftrace died' };
  const model = play([...until(5.1, rdmaHandedOver()), cut]);
  const answer = whoAnswer(model, KEY);
  assert.equal(answer.certainty, 'definite');
  assert.match(answer.reasons.join(), /broke off at \+5\.000 s: this is as of then/);
  assert.equal(reportAnswer(model).complete, false);
});

test('without a hello the start was not seen', () => {
  const answer = whoAnswer(play(until(5.1, rdmaHandedOver()).slice(1)), KEY);
  assert.equal(answer.certainty, 'likely');
  assert.match(answer.reasons.join(), /start of the trace was not seen/);
});

test('of a file that was never seen nothing is known, and that is said', () => {
  const answer = whoAnswer(play([hello(), beat(2)]), '254:1:99' as InodeKey);
  assert.deepEqual(
    [answer.certainty, answer.holders, answer.target],
    ['unknown', [], { dev: '254:1', ino: 99, path: null, fs: 'ext4' }],
  );
});

test('a kernel whose pins and descriptors cannot be traced gives no definite answer about holders', () => {
  const bare = { ...header, probes: [{ path: 'lease', hooks: ['tracepoint:filelock:generic_add_lease'] }] };
  const leased = row(1, a, 'lease.added', {
    file: 1,
    owner: 1,
    dev: '0:26',
    ino: 2,
    type: 1,
    flags: 32,
    fd: 4,
  });
  const answer = whoAnswer(play([hello(), leased], bare), KEY);
  assert.equal(answer.certainty, 'likely');
  assert.match(answer.reasons.join(), /passed on are not traced.*pins are not traced/);
});
