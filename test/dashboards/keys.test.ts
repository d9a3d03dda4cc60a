import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineText } from '../../dashboards/frame.ts';
import { moveGaze } from '../../dashboards/gaze.ts';
import { type Action, actionOfKey, KEY_TABLE } from '../../dashboards/keys.ts';
import { typeKey } from '../../dashboards/prompt.ts';
import { whyNot } from '../../dashboards/refusals.ts';
import { chosenRow, rowsOf } from '../../dashboards/rows.ts';
import { FIRST_GAZE, type Gaze, type Scene } from '../../dashboards/scene.ts';
import { helpLines } from '../../dashboards/views/help.ts';
import type { Dev } from '../../src/event/event.ts';
import { inodeKey } from '../../src/event/event.ts';
import type { FileSummary } from '../../src/model/answer.ts';
import { told } from './recorded-story.ts';
import { makeReading, makeScene, makeWaitEdge, RDMA_SUMMARY } from './scenes.ts';

const FILES = [11, 12, 13].map((ino) => ({
  ...RDMA_SUMMARY,
  key: inodeKey('8:1' as Dev, ino),
  target: { ...RDMA_SUMMARY.target, path: `/mnt/file-${ino}` },
}));
const scene = makeScene({ reading: makeReading({ files: FILES }) });

function press(from: Scene, ...actions: readonly Action[]): Scene {
  let now = from;
  for (const action of actions) now = { ...now, gaze: moveGaze(now, action, { scroll: 5, page: 10 }) };
  return now;
}

function type(from: Scene, ...keys: readonly string[]): Scene {
  let now = from;
  for (const key of keys) {
    const { prompt } = now.gaze;
    assert.ok(prompt, `${key} is typed into a prompt`);
    now = { ...now, gaze: typeKey(now, prompt, key).gaze };
  }
  return now;
}

function selected(gaze: Gaze, files: readonly FileSummary[] = FILES): number {
  const now = makeScene({ reading: makeReading({ files }), gaze });
  return chosenRow(gaze, rowsOf(now));
}

test('each key is bound once', () => {
  const keys = KEY_TABLE.flatMap((binding) => binding.keys);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(actionOfKey('q'), 'quit');
  assert.equal(actionOfKey('x'), null);
});

test('the help names every key', () => {
  const help = helpLines([], 300).map(lineText).join('\n');
  for (const { shown, does } of KEY_TABLE) assert.ok(help.includes(shown) && help.includes(does), shown);
});

test('the selection is a file, not a row: it moves with it', () => {
  const second = press(scene, 'down');
  assert.equal(selected(second.gaze), 1);
  assert.equal(selected(second.gaze, [...FILES].reverse()), 1);
  assert.equal(selected(second.gaze, FILES.slice(1)), 0);
  assert.equal(selected(press(scene, 'down', 'down').gaze, [...FILES].reverse()), 0);
});

test('without a choice the worst file is selected, whichever it becomes', () => {
  assert.equal(selected(FIRST_GAZE), 0);
});

test('arrows stop at both ends, Home and End go there', () => {
  assert.equal(selected(press(scene, 'up').gaze), 0);
  assert.equal(selected(press(scene, 'page-down', 'down').gaze), 2);
  assert.equal(selected(press(scene, 'last').gaze), 2);
  assert.equal(selected(press(scene, 'last', 'first').gaze), 0);
});

test('Enter opens the chosen file, then its process; Esc goes back the same way', () => {
  const open = press(scene, 'down', 'open');
  assert.deepEqual(open.gaze.place, { at: 'file', key: FILES[1]?.key });
  const deeper = press(open, 'open');
  assert.deepEqual(deeper.gaze.place, { at: 'process', pid: 404 });
  const back = press(deeper, 'back', 'back');
  assert.equal(back.gaze.place.at, 'files');
  assert.equal(selected(back.gaze), 1);
});

test('views stand in a row: Tab, arrows and digits', () => {
  assert.equal(press(scene, 'next-view').gaze.place.at, 'processes');
  assert.equal(press(scene, 'previous-view').gaze.place.at, 'coverage');
  assert.equal(press(scene, 'right', 'right').gaze.place.at, 'waits');
  assert.equal(press(scene, 'view-4', 'left').gaze.place.at, 'waits');
  assert.equal(press(scene, 'open', 'next-view').gaze.place.at, 'processes');
});

test('an open file scrolls as far as there is text', () => {
  assert.equal(press(scene, 'open', 'down', 'down').gaze.scroll, 2);
  assert.equal(press(scene, 'open', 'page-down').gaze.scroll, 5);
  assert.equal(press(scene, 'open', 'up').gaze.scroll, 0);
});

test('the cursor of a time line goes from moment to moment; at the last one it follows what comes', () => {
  const open = press(scene, 'open');
  assert.equal(open.gaze.lens.cursor, null);
  const before = press(open, 'left');
  assert.deepEqual(before.gaze.lens.cursor, { at_ns: 102.5e9, nth: 0 });
  assert.equal(press(before, 'right').gaze.lens.cursor, null);
  assert.equal(press(before, 'zoom-in', 'zoom-in').gaze.lens.share, 0.25);
  assert.equal(press(before, 'zoom-in', 'zoom-out', 'zoom-out').gaze.lens.share, 1);
  assert.deepEqual(press(before, 'whole').gaze.lens, { share: 1, cursor: null });
});

test('help and plan open over any view and close to it', () => {
  for (const overlay of ['help', 'plan'] as const) {
    const over = press(scene, 'open', overlay);
    assert.equal(over.gaze.overlay, overlay);
    assert.equal(press(over, overlay).gaze.place.at, 'file');
    assert.equal(press(over, 'back').gaze.place.at, 'file');
  }
});

test('a search moves to the match with each letter, n and N to the others', () => {
  const found = type(press(scene, 'search'), 'f', 'i', 'l', 'e', '-', '1', '2');
  assert.equal(selected(found.gaze), 1);
  const done = type(found, 'enter');
  assert.equal(done.gaze.prompt, null);
  assert.equal(selected(press(done, 'next-match').gaze), 1, 'there is no other');
  const all = type(press(scene, 'search'), 'f', 'i', 'l', 'e', 'enter');
  assert.equal(selected(press(all, 'next-match').gaze), 1);
  assert.equal(selected(press(all, 'previous-match').gaze), 2);
  assert.match(type(press(scene, 'search'), 'z', 'z').gaze.said ?? '', /no row has 'zz'/);
});

test('a filter lists what has the text in it, as it is typed; Esc drops it', () => {
  const listed = type(press(scene, 'filter'), '1', '3', 'backspace', '3');
  assert.deepEqual(
    rowsOf(listed)
      .slice(0)
      .map(({ id }) => id),
    ['8:1:13'],
  );
  assert.equal(rowsOf(type(listed, 'enter')).length, 1);
  assert.equal(rowsOf(press(type(listed, 'enter'), 'back')).length, 3);
  assert.equal(rowsOf(type(listed, 'escape')).length, 3);
});

test('hostile keys do not get into a line that is typed', () => {
  const typed = type(press(scene, 'filter'), 'a', 'f5', '\u202e', 'ctrl-u', 'b', 'space', '漢');
  assert.equal(typed.gaze.prompt?.text, 'b 漢');
});

test('files are sorted another way with each s', () => {
  const mixed = FILES.map((file, index) => ({ ...file, pinnedBytes: index }));
  const now = makeScene({ reading: makeReading({ files: mixed }) });
  assert.deepEqual(
    rowsOf(press(now, 'sort'))
      .slice(0)
      .map(({ id }) => id),
    ['8:1:13', '8:1:12', '8:1:11'],
  );
  assert.match(press(now, 'sort').gaze.said ?? '', /most pinned first/);
  assert.equal(press(now, 'sort', 'sort', 'sort', 'sort').gaze.sort, 'trouble');
});

test('the log follows the latest event, until an earlier one is chosen', () => {
  const events = [told(1), told(2), told(3)];
  const log = press(makeScene({ reading: makeReading({ events }) }), 'view-4');
  assert.equal(chosenRow(log.gaze, rowsOf(log)), 2);
  const held = press(log, 'up');
  assert.equal(held.gaze.chosen.events, 1);
  const later = { ...held, reading: makeReading({ events: [...events, told(4)] }) };
  assert.equal(chosenRow(later.gaze, rowsOf(later)), 1);
  assert.equal(press(later, 'last').gaze.chosen.events, null);
});

test('from a wait Enter leads to its file, from a holder to its process', () => {
  const waits = press(makeScene({ reading: makeReading({ waits: [makeWaitEdge(404, [406])] }) }), 'view-3');
  assert.deepEqual(press(waits, 'open').gaze.place, { at: 'process', pid: 406 });
  assert.equal(press(waits, 'down', 'open').gaze.place.at, 'file');
});

test('a key that can do nothing says why', () => {
  const empty = makeScene({ reading: makeReading({ files: [] }) });
  const ended = makeScene({ mode: 'replay', motion: { state: 'ended' } });
  const stopped = makeScene({ motion: { state: 'stopped', why: 'bpftrace died' } });
  assert.match(whyNot('step', scene) ?? '', /this is live/);
  assert.match(whyNot('next-finding', scene) ?? '', /this is live/);
  assert.match(whyNot('back', scene) ?? '', /q quits/);
  assert.match(whyNot('open', empty) ?? '', /nothing to open/);
  assert.match(whyNot('plan', empty) ?? '', /choose a file/);
  assert.match(whyNot('zoom-in', scene) ?? '', /only a file has a time line/);
  assert.match(whyNot('sort', press(scene, 'view-2')) ?? '', /only the list of files/);
  assert.match(whyNot('search', press(scene, 'view-5')) ?? '', /no list here/);
  assert.match(whyNot('next-match', scene) ?? '', /nothing was searched/);
  assert.match(whyNot('search', press(scene, 'help')) ?? '', /close the help first/);
  assert.match(whyNot('pause', stopped) ?? '', /stopped/);
  assert.match(whyNot('step', ended) ?? '', /at its end/);
  assert.match(whyNot('end', scene) ?? '', /the present is shown/);
  assert.equal(whyNot('step-back', ended), null);
  assert.equal(whyNot('pause', ended), null);
});
