/** The table of the walk's bench; the measuring itself needs a guest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { walkTable } from './walk.ts';

test('times are shown next to those of the first crowd, and of ls', () => {
  const table = walkTable([
    { processes: 0, fds: 0, whoMs: 8000, listMs: 500 },
    { processes: 2000, fds: 100_000, whoMs: 10_000, listMs: 5000 },
  ]);
  assert.equal(
    table,
    `processes     fds     who  to first  ls -l  who to ls
        0       0   8.0 s      1.00  0.5 s      16.00
     2000  100000  10.0 s      1.25  5.0 s       2.00`,
  );
});
