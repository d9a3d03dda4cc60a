import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeWalk } from '../../../src/capture/walk/compose.ts';
import { withFewCasts } from '../../../src/capture/walk/few-casts.ts';
import { madeUpKernel } from './made-up-kernel.ts';

test('what is read through a cast each time is read through one pointer', () => {
  const program =
    'iter:task_file\n{\n  $a = *(uint64 *)(*(uint64 *)($b + 8) + 16); $c = *(uint16 *)($a + 2);\n}';
  assert.equal(
    withFewCasts(program),
    'iter:task_file\n{\n  $at64 = (uint64 *)0; $at16 = (uint16 *)0;\n' +
      '  $a = *($at64 + ((*($at64 + (($b + 8) >> 3)) + 16) >> 3)); $c = *($at16 + (($a + 2) >> 1));\n}',
  );
});

test('numbers and variables need no cast, what is taken from the context or read in another width does', () => {
  assert.equal(
    withFewCasts('iter:task { $a = (uint64)0; $b = (int64)$a; $p = (uint64)ctx->task->tgid; }'),
    'iter:task { $a = 0; $b = $a; $p = (uint64)ctx->task->tgid; }',
  );
});

test('a text with nothing to read stays as it is, and so does one whose parentheses do not match', () => {
  assert.equal(withFewCasts('iter:task { exit(); }'), 'iter:task { exit(); }');
  assert.equal(withFewCasts('*(uint64 *)(1 + (2'), '*($at64 + ((1 + (2 >> 3))');
});

test('programs of the walk have few casts for bpftrace 0.17, and stay as written for newer ones', () => {
  const casts = (bpftrace: string, name: string) =>
    composeWalk(name, { ...madeUpKernel(), bpftrace }).text?.match(/\(u?int\d+( \*)?\)/g)?.length ?? 0;
  for (const name of ['open-files', 'pipes', 'sockets', 'rings']) {
    assert.ok(casts('v0.17.0', name) * 3 < casts('v0.23.2', name), name);
  }
});
