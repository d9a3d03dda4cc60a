import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { lineText, type Size } from '../../../dashboards/frame.ts';
import { FIRST_GAZE, type Scene } from '../../../dashboards/scene.ts';
import { clean, displayWidth } from '../../../dashboards/text.ts';
import { renderScreen, roomOf } from '../../../dashboards/views/screen.ts';
import type { PinHolder } from '../../../src/model/answer.ts';
import { assertProperty } from '../../property.ts';
import { arbitraryScene } from '../arbitrary-scene.ts';
import {
  at,
  DATA_KEY,
  makeReading,
  makeScene,
  makeWaitingReading,
  RDMA_ANSWER,
  RDMA_PIN,
  RDMA_SUMMARY,
} from '../scenes.ts';

const SMALL: Size = { width: 80, height: 24 };

function rows(scene: Scene, size = SMALL): readonly string[] {
  return renderScreen(scene, size).map((line) => lineText(line).trimEnd());
}

function assertShows(scene: Scene, ...patterns: readonly RegExp[]): void {
  const screen = rows(scene).join('\n');
  for (const pattern of patterns) assert.match(screen, pattern);
}

test('any scene fills any size exactly', () => {
  const size = fc.record({
    width: fc.integer({ min: 1, max: 210 }),
    height: fc.integer({ min: 1, max: 60 }),
  });
  assertProperty(
    fc.property(arbitraryScene, size, (scene, { width, height }) => {
      const frame = renderScreen(scene, { width, height });
      assert.equal(frame.length, height);
      for (const line of frame) {
        const text = lineText(line);
        assert.equal(displayWidth(clean(text)), width, JSON.stringify(text));
        assert.doesNotMatch(text, /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      }
      const room = roomOf(scene, { width, height });
      assert.ok(room.scroll >= 0 && room.page > 0);
    }),
    300,
  );
});

test('one glance: what waits, how long, on whom, in which file; and whether to believe it', () => {
  const screen = rows(makeScene({ reading: makeWaitingReading() }));
  assert.equal(screen[0], ' whopins  live  ● tracing  4.6 s  7.3.4-cloud-amd64          rows 1,234  lost 0');
  assert.equal(screen[1], ' WAITING   truncate by rdma[404] waits 2.1 s for rdma[406]        /dev/shm/data');
  assert.equal(screen[2], ' CERTAIN   every event since tracing began 4.6 s ago; all paths covered');
  assert.equal(screen[3], '[1 files (1)] 2 processes  3 waits (1)  4 events  5 coverage');
  assert.equal(screen[6], ' ▸!! /dev/shm/data      0:26:2 rdma[406] rdma-mr 256 pg     truncate[404] 2.1 s');
});

test("the overview shows the chosen file's answer", () => {
  assertShows(
    makeScene(),
    /pinned by {2}rdma\[405\], which exited 1\.0 s ago; its lease \(write\) ended when it\n +exited/,
    /held by {4}rdma\[406\] through uverbs fd 3, received over SCM_RIGHTS from\n +rdma\[405\]/,
    /to free {4}close fd 3 in rdma\[406\], or end it/,
    /FINDINGS 2\n !! freed-under-pin/,
  );
});

test('a file whose holders are gone still says who they were', () => {
  const ended = { ...RDMA_PIN, ended_ns: at(2.9) };
  const reading = makeReading({
    files: [{ ...RDMA_SUMMARY, pins: 0, holderPids: [] }],
    answers: new Map([[DATA_KEY, { ...RDMA_ANSWER, holders: [ended] }]]),
  });
  assertShows(
    makeScene({ reading }),
    /was rdma\[406\] rdma-mr/,
    /was pinned +256 pages.*\n.*released 100 ms ago/,
  );
});

test('a holder that a walk found: who has it is a fact, how it came there is not told', () => {
  const found: PinHolder = {
    ...RDMA_PIN,
    taken_by: null,
    lease: null,
    hand_overs: [],
    origin: 'snapshot',
    orphan: true,
    in_flight: true,
    held_by: [
      {
        pid: 406,
        comm: 'rdma',
        alive: true,
        fds: [3],
        through: 'descriptor',
        how: 'unknown',
        from: null,
        since_ns: at(0),
      },
      {
        pid: 407,
        comm: 'box',
        alive: true,
        fds: [4],
        through: 'socket-queue',
        how: 'unknown',
        from: null,
        since_ns: at(0),
      },
    ],
  };
  const answer = { ...RDMA_ANSWER, holders: [found], walked_ns: at(0) };
  assertShows(
    makeScene({ reading: makeReading({ answers: new Map([[DATA_KEY, answer]]) }) }),
    /pinned by {2}a process that is not known\s*\n/,
    /but +these pages belong to no file any more/,
    /held by {4}rdma\[406\] through uverbs fd 3\s*\n/,
    /held by {4}the queue of socket fd 4 of box\[407\]\s*\n/,
    /found in the kernel's own objects 3\.0 s ago/,
  );
});

test('loss is said where one looks for trust, with what was lost', () => {
  const reading = makeReading({
    coverage: { rows: { seen: 9, lost: 12, late: 1, bad: 2 }, lostByKind: new Map([['pin.taken', 12]]) },
  });
  assertShows(
    makeScene({ reading }),
    /lost 12 {2}late 1 {2}bad 2/,
    /UNSURE +12 rows lost \(pin\.taken 12\), 1 row too late/,
  );
});

test('paths that are not covered are named', () => {
  const reading = makeReading({ coverage: { not_covered: [{ path: 'pin', reason: 'no kprobes' }] } });
  assertShows(makeScene({ reading }), /PARTIAL +nothing lost, but not covered: pin \(\? tells why\)/);
});

test('the help tells why a path is not covered, and so does a screen without files', () => {
  const coverage = { not_covered: [{ path: 'pin', reason: 'this kernel has no kprobes' }] };
  const empty = makeReading({ coverage, files: [], findings: [] });
  assertShows(makeScene({ reading: empty }), /NOT COVERED 1\n +pin: this kernel has no kprobes/);
  const help = renderScreen(makeScene({ reading: empty, gaze: { ...FIRST_GAZE, overlay: 'help' } }), {
    width: 120,
    height: 100,
  });
  assert.match(help.map(lineText).join('\n'), /NOT COVERED 1 *\n +pin: this kernel has no kprobes/);
});

test('a live trace that lost its bpftrace keeps the picture and says so', () => {
  const stopped = makeScene({ motion: { state: 'stopped', why: 'bpftrace was killed by SIGKILL' } });
  assertShows(
    stopped,
    /■ STOPPED/,
    /STOPPED +bpftrace was killed by SIGKILL; below is how it was 3\.0 s in/,
    /held by +rdma\[406\]/,
  );
});

test('a live trace that is silent is not trusted', () => {
  assertShows(makeScene({ silentMs: 5200 }), /UNSURE +no row for 5\.2 s though one is due every second/);
});

test('a file is read by scrolling: answer, hands, timeline with lanes, operations', () => {
  const open = makeScene({
    reading: makeWaitingReading(),
    gaze: { ...FIRST_GAZE, place: { at: 'file', key: DATA_KEY } },
  });
  assertShows(
    open,
    /hands {6}rdma\[405\] ─scm_rights→ rdma\[406\] fd 3/,
    /TIME LINE {2}\+0\.100 s to \+4\.610 s: 4\.51 s/,
    /lease rdma\[405\] +├─+┤ +┊\n pin rdma\[405\] +├─+▶\n waits rdma\[404\] +├─+▶\n moments +→→ +× +▪/,
    /8\/8 \+2\.510 s {2}truncate by rdma\[404\] waits for rdma\[406\]/,
    /↓ \d+ more lines/,
  );
  const read = { ...open, gaze: { ...open.gaze, scroll: 6 } };
  assertShows(read, /WAITING for 2\.1 s\n +waits 2\.1 s for a busy DAX page, held by rdma\[406\]/);
  const room = roomOf(open, SMALL).scroll;
  const scrolled = { ...open, gaze: { ...open.gaze, scroll: room } };
  assertShows(scrolled, /\+0\.200 s {2}│ ┬ rdma\[405\] pinned/);
  assert.doesNotMatch(rows(scrolled).join('\n'), /more lines/);
});

test('the answer to a key stands in the footer', () => {
  const said = makeScene({ gaze: { ...FIRST_GAZE, said: 'this is live' } });
  assert.equal(rows(said).at(-1), ' this is live');
});

test('a notice is seen all the time', () => {
  assertShows(makeScene({ notice: 'this is the bundled recording' }), /NOTE +this is the bundled recording/);
});

test('a long notice leaves room for the rest', () => {
  const screen = rows(makeScene({ notice: 'many words '.repeat(60) }));
  assert.match(screen[3] ?? '', /many words.*…$/);
  assert.match(screen[4] ?? '', /^ LOOK/);
});

test('a terminal that is too small says how large it must be', () => {
  assert.match(
    rows(makeScene(), { width: 59, height: 24 }).join('\n'),
    /too small: 59×24\nwhopins needs 60×15/,
  );
});

test('the smallest terminal shows verdict, trust and the file', () => {
  const screen = rows(makeScene({ reading: makeWaitingReading() }), { width: 60, height: 15 }).join('\n');
  assert.match(screen, /WAITING +truncate by rdma\[404\] waits 2\.1 s for rdma\[406\]/);
  assert.match(screen, /CERTAIN/);
  assert.match(screen, /data/);
});

test('with many files the list is a window around the chosen one', () => {
  const files = Array.from({ length: 200 }, (_, index) => ({
    ...RDMA_SUMMARY,
    key: DATA_KEY,
    leases: index,
  }));
  assertShows(makeScene({ reading: makeReading({ files }) }), /FILES 200 \(1–\d+\)/);
});
