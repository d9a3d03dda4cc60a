import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineText } from '../../dashboards/frame.ts';
import { moveGaze } from '../../dashboards/gaze.ts';
import { type Action, actionOfKey, KEY_TABLE, whyNot } from '../../dashboards/keys.ts';
import { FIRST_GAZE, type Scene, selectedRow } from '../../dashboards/scene.ts';
import { helpLines } from '../../dashboards/views/help.ts';
import type { Dev } from '../../src/event/event.ts';
import { inodeKey } from '../../src/event/event.ts';
import { makeReading, makeScene, RDMA_SUMMARY } from './scenes.ts';

const FILES = [11, 12, 13].map((ino) => ({ ...RDMA_SUMMARY, key: inodeKey('8:1' as Dev, ino) }));
const scene = makeScene({ reading: makeReading({ files: FILES }) });

function press(from: Scene, ...actions: readonly Action[]): Scene {
  let now = from;
  for (const action of actions) now = { ...now, gaze: moveGaze(now, action, 5) };
  return now;
}

test('each key is bound once', () => {
  const keys = KEY_TABLE.flatMap((binding) => binding.keys);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(actionOfKey('q'), 'quit');
  assert.equal(actionOfKey('x'), null);
});

test('the help names every key', () => {
  const help = helpLines([], 80).map(lineText).join('\n');
  for (const { shown, does } of KEY_TABLE) assert.ok(help.includes(shown) && help.includes(does), shown);
});

test('the selection is a file, not a row: it moves with it', () => {
  const second = press(scene, 'down');
  assert.equal(selectedRow(second.gaze, FILES), 1);
  assert.equal(selectedRow(second.gaze, [...FILES].reverse()), 1);
  assert.equal(selectedRow(second.gaze, FILES.slice(1)), 0);
  assert.equal(selectedRow(press(scene, 'down', 'down').gaze, [...FILES].reverse()), 0);
});

test('without a choice the worst file is selected, whichever it becomes', () => {
  assert.equal(selectedRow(FIRST_GAZE, FILES), 0);
});

test('arrows stop at both ends', () => {
  assert.equal(selectedRow(press(scene, 'up').gaze, FILES), 0);
  assert.equal(selectedRow(press(scene, 'page-down', 'down').gaze, FILES), 2);
});

test('Enter opens the chosen file, Esc goes back to it', () => {
  const open = press(scene, 'down', 'open');
  assert.deepEqual(open.gaze.place, { at: 'file', key: FILES[1]?.key });
  const back = press(open, 'back');
  assert.equal(back.gaze.place.at, 'overview');
  assert.equal(selectedRow(back.gaze, FILES), 1);
});

test('an open file scrolls as far as there is text', () => {
  assert.equal(press(scene, 'open', 'down', 'down').gaze.scroll, 2);
  assert.equal(press(scene, 'open', 'page-down').gaze.scroll, 5);
  assert.equal(press(scene, 'open', 'up').gaze.scroll, 0);
});

test('the help opens over any view and closes to it', () => {
  const help = press(scene, 'open', 'help');
  assert.equal(help.gaze.isHelpOpen, true);
  assert.equal(press(help, 'help').gaze.place.at, 'file');
  assert.equal(press(help, 'back').gaze.place.at, 'file');
});

test('a key that can do nothing says why', () => {
  const empty = makeScene({ reading: makeReading({ files: [] }) });
  const ended = makeScene({ mode: 'replay', motion: { state: 'ended' } });
  const stopped = makeScene({ motion: { state: 'stopped', why: 'bpftrace died' } });
  assert.match(whyNot('step', scene) ?? '', /this is live/);
  assert.match(whyNot('back', scene) ?? '', /q quits/);
  assert.match(whyNot('open', empty) ?? '', /no file/);
  assert.match(whyNot('open', press(scene, 'open')) ?? '', /open already/);
  assert.match(whyNot('pause', stopped) ?? '', /stopped/);
  assert.match(whyNot('step', ended) ?? '', /at its end/);
  assert.equal(whyNot('step-back', ended), null);
});
