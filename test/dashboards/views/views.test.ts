/** What each view says, as text: one scene each, as an administrator would meet it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineText, type Size } from '../../../dashboards/frame.ts';
import { FIRST_GAZE, type Gaze, type Place, type Scene } from '../../../dashboards/scene.ts';
import { renderScreen } from '../../../dashboards/views/screen.ts';
import { sparkline } from '../../../dashboards/views/sparkline.ts';
import { writtenView } from '../../../dashboards/views/written.ts';
import { waitTree } from '../../../dashboards/wait-tree.ts';
import type { ProcessAnswer } from '../../../src/model/select/process.ts';
import { HANDED_OVER } from '../made-up-trace.ts';
import { at, DATA_KEY, makeReading, makeScene, makeWaitEdge, RDMA_ANSWER, RDMA_PIN } from '../scenes.ts';

const SMALL: Size = { width: 80, height: 24 };

function screen(place: Place, given: Partial<Scene> = {}, gaze: Partial<Gaze> = {}, size = SMALL): string {
  const scene = makeScene({ ...given, gaze: { ...FIRST_GAZE, ...gaze, place } });
  return renderScreen(scene, size)
    .map((line) => lineText(line).trimEnd())
    .join('\n');
}

test('waits: the holder at the root, below it who waits for it, and what to let go of', () => {
  const waits = [makeWaitEdge(404, [406]), makeWaitEdge(407, [404], 2.6)];
  const shown = screen({ at: 'waits' }, { reading: makeReading({ waits }) });
  assert.match(shown, /WAITS 2/);
  assert.match(shown, /▸ rdma\[406\] {2}2 calls behind it: 256 pages/);
  assert.match(
    shown,
    /\n {3}└─ truncate by rdma\[404\] waits 490 ms for a busy DAX page of \/dev\/shm\/data/,
  );
  assert.match(shown, /\n {6}└─ truncate by rdma\[407\] waits/);
  assert.match(shown, /TO FREE {2}close fd 3 in rdma\[406\], or end it/);
});

test('waits: a circle is marked where it closes, and the process to end is the one that closed it', () => {
  const waits = [makeWaitEdge(404, [406]), makeWaitEdge(406, [404], 2.9)];
  const shown = screen({ at: 'waits' }, { reading: makeReading({ waits }) });
  assert.match(shown, /WAITS 2.*with a circle/);
  assert.match(shown, /CIRCLE rdma\[404\]/);
  assert.match(shown, /↻ rdma\[404\] again: the circle closes here/);
  assert.match(shown, /TO FREE {2}end rdma\[406\]: its truncate closed the circle last/);
});

test('waits: who waits for what it holds itself is a circle of one', () => {
  const rows = waitTree([makeWaitEdge(404, [404])]);
  assert.deepEqual(
    rows.map(({ kind, depth }) => `${kind} ${depth}`),
    ['blocker 0', 'wait 1', 'circle 2'],
  );
});

test('waits: a call that waits for two stands below both, and where nobody is known that is said', () => {
  const rows = waitTree([
    makeWaitEdge(404, [405, 406]),
    { ...makeWaitEdge(407, []), idle: true },
    makeWaitEdge(408, []),
  ]);
  assert.deepEqual(
    rows.map((row) => (row.kind === 'nobody' ? `nobody ${row.idle}` : row.kind)),
    ['blocker', 'wait', 'blocker', 'wait', 'nobody true', 'wait', 'nobody false', 'wait'],
  );
  const ids = rows.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'each row can be chosen by itself');
});

test('waits: peace is said in words', () => {
  assert.match(screen({ at: 'waits' }), /nothing waits for a lease or a pinned page now/);
});

const HOLDER: ProcessAnswer = {
  task: { pid: 406, comm: 'rdma', alive: true },
  born_ns: at(0.01),
  holds: [{ key: DATA_KEY, target: RDMA_ANSWER.target, holder: RDMA_PIN, share: 'holds' }],
  passed: RDMA_PIN.hand_overs
    .filter(({ how }) => how === 'scm_rights')
    .map((hand) => ({ hand, key: DATA_KEY, target: RDMA_ANSWER.target })),
};

test('processes: who waits, who blocks, how much is pinned; below, the chosen one', () => {
  const reading = makeReading({ waits: [makeWaitEdge(404, [406])], process: HOLDER });
  const shown = screen({ at: 'processes' }, { reading });
  assert.match(shown, /PROCESSES 2 +WAITS +BLOCKS +FILES +PINNED/);
  assert.match(shown, /▸ rdma\[404\] +490 ms +- +0 +-\n +rdma\[406\] +- +1 call +1 +1\.0 MiB/);
});

test('a process: what it waits for, blocks, holds and was given', () => {
  const reading = makeReading({ waits: [makeWaitEdge(404, [406])], process: HOLDER });
  const shown = screen({ at: 'process', pid: 406 }, { reading });
  assert.match(shown, /process rdma\[406\]\n rdma\[406\] {3}began at \+0\.010 s/);
  assert.match(shown, /blocks +truncate by rdma\[404\], for 490 ms, on \/dev\/shm\/data/);
  assert.match(
    shown,
    /holds +rdma-mr 256 pg of \/dev\/shm\/data, for 2\.0 s through uverbs fd 3,\n +received/,
  );
  assert.match(shown, /passed +\+1\.000 s {2}from rdma\[405\] \(scm_rights\): what holds \/dev\/shm\/data/);
  assert.match(shown, /FILES 1 {2}Enter opens one\n ▸ \/dev\/shm\/data/);
});

test('events: the log with the latest at the bottom, its columns below; a filter tells how much it searched', () => {
  const reading = makeReading({ events: HANDED_OVER });
  const shown = screen({ at: 'events' }, { reading });
  assert.match(shown, /EVENTS 16 +follows the latest/);
  assert.match(shown, /▸ +1\.710000 {2}rdma\[404\] {2}truncate ended with 0 on 0:26 inode 2/);
  assert.match(shown, /truncate\.ended {2}dev=0:26 ino=2 result=0 rdma\[404\] cpu=0/);
  const filtered = screen({ at: 'events' }, { reading }, { filter: 'pin.taken' });
  assert.match(filtered, /EVENTS 1 of the last 16 events/);
  assert.match(filtered, /only 'pin\.taken' \(Esc\)/);
});

test('the moment under the cursor has its rows as evidence', () => {
  const reading = makeReading({
    events: HANDED_OVER,
    timeline: [{ at_ns: at(0.3), pid: 405, what: 'pin', text: 'rdma[405] pinned 256 pages' }],
  });
  const shown = screen({ at: 'file', key: DATA_KEY }, { reading });
  assert.match(shown, /1\/1 \+0\.300 s {2}rdma\[405\] pinned 256 pages/);
  assert.match(shown, /row {2}pin\.taken object=48 reach=24 dev=0:26 ino=2 page=56/);
});

test('a descriptor that was received or closed has its row as evidence too', () => {
  const moments = [
    { at_ns: at(0.9), pid: 406, what: 'hand-over', text: 'rdma[406] received uverbs fd 3' },
    { at_ns: at(1.2), pid: 405, what: 'close', text: 'rdma[405] closed uverbs fd 7' },
  ] as const;
  const rows = [/row {2}fd\.installed .*how=1/, /row {2}fd\.closed fd=7/];
  for (const [number, moment] of moments.entries()) {
    const reading = makeReading({ events: HANDED_OVER, timeline: [moment] });
    assert.match(screen({ at: 'file', key: DATA_KEY }, { reading }), rows[number] ?? /^$/);
  }
});

test('a time line that is zoomed says so, and keeps the cursor in it', () => {
  const lens = { share: 1 / 8, cursor: { at_ns: at(1), nth: 0 } };
  const shown = screen({ at: 'file', key: DATA_KEY }, {}, { lens });
  assert.match(shown, /TIME LINE {2}\+0\.819 s to \+1\.181 s: 363 ms, 1\/8 of it \(- 0\)/);
  assert.match(shown, /4\/8 \+1\.000 s {2}rdma\[406\] received uverbs fd 3/);
});

test('coverage: paths with their hooks, what is missing and why, loss over time', () => {
  const reading = makeReading({
    coverage: {
      rows: { seen: 9, lost: 12, late: 0, bad: 1 },
      lostByKind: new Map([['pin.taken', 12]]),
      not_covered: [{ path: 'pin', reason: 'no kprobes' }],
    },
    events: [{ kind: 'stream.lost', ts: at(2), rows: 12 }],
  });
  const shown = screen({ at: 'coverage' }, { reading }, {}, { width: 100, height: 40 });
  assert.match(shown, /lost +12 rows: pin\.taken 12/);
  assert.match(shown, /unreadable +1 row/);
  assert.match(shown, /lost +█ +most 12\/s/);
  assert.match(shown, /NOT COVERED 1\n +pin: no kprobes/);
  assert.match(shown, /lease +covered {2}1 hook: kprobe:lease_modify/);
});

test('the plan: what to let go of, who then goes on, and that whopins does none of it', () => {
  const reading = makeReading({ waits: [makeWaitEdge(404, [406])] });
  const shown = screen({ at: 'files' }, { reading }, { overlay: 'plan' });
  assert.match(shown, /RELEASE PLAN {2}\/dev\/shm\/data\n\n +1\. close fd 3 in rdma\[406\], or end it/);
  assert.match(shown, /goes on {2}truncate by rdma\[404\], which waits 490 ms/);
  assert.match(shown, /never closes or ends anything itself/);
});

test('a line that is typed stands in the footer with what it asks; its end is seen', () => {
  const typed = { asks: 'search', text: `${'x'.repeat(100)}end` } as const;
  const footer = screen({ at: 'files' }, {}, { prompt: typed }).split('\n').at(-1) ?? '';
  assert.match(footer, /^ search: …x+end▏$/);
});

test('a recording tells how far it is, a live trace that it is recorded', () => {
  const extent = { fromNs: at(0), toNs: at(60) };
  const motion = { state: 'playing', speed: 4 } as const;
  assert.match(
    screen({ at: 'files' }, { mode: 'replay', motion, extent }),
    /▶ playing ×4 {2}3\.0 s of 1 min 00 s/,
  );
  assert.match(screen({ at: 'files' }, { recordingTo: '/tmp/x.ndjson.gz' }), /tracing {2}3\.0 s {2}REC/);
});

test('what is written is all of the view, not only what fits', () => {
  const scene = makeScene({ gaze: { ...FIRST_GAZE, place: { at: 'file', key: DATA_KEY } } });
  const text = writtenView(scene, SMALL).map(lineText).join('\n');
  assert.match(text, /OPERATIONS[\s\S]*FINDINGS[\s\S]*HISTORY 8[\s\S]*TIME LINE/);
  assert.doesNotMatch(text, /more lines|q quit/);
});

test('a spark for each second: nothing is blank, the least is seen, the most is full', () => {
  assert.equal(sparkline([0, 1, 50, 100]), ' ▁▄█');
  assert.equal(sparkline([]), '');
  assert.equal(sparkline([Number.NaN, 3]), ' █');
});
