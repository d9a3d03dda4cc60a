import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootToWall, formatDuration, formatOffset, formatSeconds, nsToMs } from '../../src/base/time.ts';

test('lengths of time in words', () => {
  const cases: readonly (readonly [ns: number, text: string])[] = [
    [-5, '0.0 ms'],
    [0, '0.0 ms'],
    [400_000, '0.4 ms'],
    [949_999, '0.9 ms'],
    [950_000, '1 ms'],
    [12_000_000, '12 ms'],
    [999_400_000, '999 ms'],
    [999_600_000, '1.0 s'],
    [1_000_000_000, '1.0 s'],
    [1_500_000_000, '1.5 s'],
    [5_020_000_000, '5.02 s'],
    [59_990_000_000, '59.99 s'],
    [59_996_000_000, '1 min 00 s'],
    [125_000_000_000, '2 min 05 s'],
    [3_599_900_000_000, '1 h 00 min'],
    [3_720_000_000_000, '1 h 02 min'],
    [Number.NaN, '0.0 ms'],
  ];
  for (const [ns, text] of cases) assert.equal(formatDuration(ns), text, `${ns} ns`);
});

test('moments are counted from the start of the trace', () => {
  assert.equal(formatOffset(3_234_400_000, 2_000_000_000), '+1.234 s');
  assert.equal(formatOffset(2_000_000_000, 2_000_000_000), '+0.000 s');
  assert.equal(formatOffset(1_998_000_000, 2_000_000_000), '-0.002 s');
  assert.equal(formatSeconds(14_345_678_900, 2_000_000_000), '12.345679');
});

test('milliseconds are whole', () => {
  assert.deepEqual([nsToMs(1_499_999), nsToMs(1_500_000), nsToMs(0)], [1, 2, 0]);
});

test('the wall time of a moment, in UTC', () => {
  const clock = { boottime_ns: 100e9, realtime_ns: 1_700_000_000e9 };
  assert.equal(bootToWall(101.5e9, clock), '2023-11-14T22:13:21.500Z');
  assert.equal(bootToWall(Number.NaN, clock), null);
});
