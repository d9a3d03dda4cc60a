import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probeTable } from './probes.ts';

test('the tables tell how much slower loops became, and what a probe costs next to an empty one', () => {
  const table = probeTable({
    loops: [{ loop: 'direct', count: 100, untracedNs: 1_000_000, hookedNs: 1_010_000, tracedNs: 1_025_000 }],
    probes: [{ name: 'fentry___fput', runs: 7, nsEach: 300 }],
    emptyNs: 100,
  });
  assert.deepEqual(table.split('\n'), [
    'loop    untraced  hooks alone  slower   traced  slower',
    'direct   10.0 µs      10.1 µs   1.0 %  10.3 µs   2.5 %',
    '',
    'probe           runs  ns each  to empty',
    '(empty fentry)            100       1.0',
    'fentry___fput      7      300       3.0',
  ]);
});
