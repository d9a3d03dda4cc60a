/** A moment as it is typed: what the screen shows can be typed back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGoal } from '../../dashboards/goal.ts';

const FROM = 100e9;
const NOW = 107e9;
const goal = (text: string) => {
  const parsed = parseGoal(text, NOW, FROM);
  return parsed.ok ? parsed.value : parsed.error;
};

test('times count from when tracing began, with and without the plus that the screen writes', () => {
  for (const text of ['6.5', '+6.5', '+6.5 s', '6500ms']) {
    assert.deepEqual(goal(text), { to: 'time', ns: 106.5e9 }, text);
  }
  assert.deepEqual(goal('2 min'), { to: 'time', ns: 220e9 });
  assert.deepEqual(goal(' END '), { to: 'end' });
  assert.deepEqual(goal('start'), { to: 'share', share: 0 });
  assert.deepEqual(goal('50%'), { to: 'share', share: 0.5 });
});

test('a minus goes back from now', () => {
  assert.deepEqual(goal('-5'), { to: 'time', ns: 102e9 });
});

test('what is no time is said with what would be one', () => {
  for (const text of ['', 'soon', '+', '1e99', '5 days', '101%', '-5%', '+5%'])
    assert.match(String(goal(text)), /is no time: type seconds|goes from 0% to 100%/, text);
});
