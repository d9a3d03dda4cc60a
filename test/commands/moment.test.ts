import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bootToWall } from '../../src/base/time.ts';
import { momentToBoot, parseMoment } from '../../src/commands/moment.ts';

const S = 1e9;
const EXTENT = {
  from: 100 * S,
  to: 140 * S,
  clock: { boottime_ns: 90 * S, realtime_ns: 1_700_000_000 * S },
};

function bootNs(text: string): number {
  const moment = parseMoment(text);
  assert.ok(moment.ok, text);
  return momentToBoot(moment.value, EXTENT);
}

it('reads seconds since the start of a recording', () => {
  for (const text of ['4.5', '+4.5', '4.5s', '+4.5s', '4.5 s', '+4.500 s']) {
    assert.deepEqual(parseMoment(text), { ok: true, value: { since: 'start', ns: 4.5 * S } }, text);
    assert.equal(bootNs(text), 104.5 * S, text);
  }
  assert.equal(bootNs('3'), 103 * S);
});

it('reads nanoseconds since boot', () => {
  assert.deepEqual(parseMoment('49715679856'), { ok: true, value: { since: 'boot', ns: 49_715_679_856 } });
  assert.equal(bootNs('49715679856'), 49_715_679_856);
});

it('reads a share of the length', () => {
  assert.deepEqual(['0%', '50%', '99.5%', '100%'].map(bootNs), [100 * S, 120 * S, 139.8 * S, 140 * S]);
});

it('reads wall time in any zone, to the millisecond, as texts tell it', () => {
  for (const text of [
    '2023-11-14T22:13:35Z',
    '2023-11-14T22:13:35.000Z',
    '2023-11-14 23:13:35+01:00',
    '2023-11-14T17:43:35-0430',
  ]) {
    assert.equal(bootNs(text), 105 * S, text);
  }
  const told = bootToWall(123.456 * S, EXTENT.clock);
  assert.ok(told !== null && Math.abs(bootNs(told) - 123.456 * S) < 1e3);
});

it('refuses anything else in one line', () => {
  const wrong = ['', 'noon', '-3', '1e9', '4.5m', '1.2.3', '12:30', ' 4', '101%', '+50%', '5%%', 'Infinity'];
  // Whose clock is meant cannot be told.
  const vague = ['2023-11-14', '2023-11-14T22:13:35'];
  for (const text of [...wrong, ...vague, '2023-13-14T22:13:35Z']) {
    const moment = parseMoment(text);
    assert.ok(!moment.ok, text);
    assert.match(moment.error, /^[^\n]*is not a time: give seconds[^\n]*$/);
  }
});
