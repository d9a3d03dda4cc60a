import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseMoment } from '../../src/commands/moment.ts';

it('reads seconds since the start of a recording', () => {
  for (const text of ['4.5', '+4.5', '4.5s', '+4.5s']) {
    assert.deepEqual(parseMoment(text), { ok: true, value: { since: 'start', ns: 4_500_000_000 } }, text);
  }
  assert.deepEqual(parseMoment('3'), { ok: true, value: { since: 'start', ns: 3_000_000_000 } });
});

it('reads nanoseconds since boot', () => {
  assert.deepEqual(parseMoment('49715679856'), { ok: true, value: { since: 'boot', ns: 49_715_679_856 } });
});

it('refuses anything else in one line', () => {
  for (const text of ['', 'noon', '-3', '1e9', '4.5m', '1.2.3', '12:30', ' 4']) {
    const moment = parseMoment(text);
    assert.ok(!moment.ok, text);
    assert.match(moment.error, /is not a time: give seconds/);
  }
});
