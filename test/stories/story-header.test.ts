/** The truth that story.h prints: valid JSON whatever the names are, whole lines whoever writes at the same time. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';

const here = fileURLToPath(new URL('.', import.meta.url));
const hasCompiler = execaSync('gcc', ['--version'], { reject: false }).exitCode === 0;
const skip = hasCompiler ? false : 'gcc is not installed: apt-get install gcc libc6-dev';

/** Argument: the mode. "rows": four processes tell 200 rows each; "cannot" and "fail": a child ends the story. */
const PROGRAM = `
#include "story.h"
static void tell_many(void) {
  for (int i = 0; i < 200; i++) tell(did("counted"), num("i", i), list("pair", 2, (int[]){i, -i}), list("none", 0, &i));
}
static void say_cannot(void) { cannot("of a \\"reason\\""); }
static void say_fail(void) { must((errno = EXDEV, -1)); }
int main(int argc, char **argv) {
  begin_story("we\\"ird\\\\x\\n");
  if (argc < 2) return 2;
  if (strcmp(argv[1], "rows") == 0) {
    pid_t children[4];
    for (int i = 0; i < 4; i++) children[i] = start(tell_many);
    for (int i = 0; i < 4; i++) await_exit(children[i]);
    return 0;
  }
  start(strcmp(argv[1], "cannot") == 0 ? say_cannot : say_fail);
  for (;;) pause();
}
`;

let dir = '';
let program = '';

before(async () => {
  if (!hasCompiler) return;
  dir = mkdtempSync(join(tmpdir(), 'story-header-'));
  program = join(dir, 'program');
  writeFileSync(`${program}.c`, PROGRAM);
  const flags = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-I', here];
  await execa('gcc', [...flags, '-o', program, `${program}.c`]);
});

after(() => {
  if (dir !== '') rmSync(dir, { recursive: true });
});

async function play(mode: string): Promise<{ exitCode: number | undefined; rows: readonly unknown[] }> {
  const { exitCode, stdout } = await execa(program, [mode], { reject: false });
  return { exitCode, rows: stdout.split('\n').map((line): unknown => JSON.parse(line)) };
}

test('rows of several processes do not mix, and hostile names stay text', { skip }, async () => {
  const { exitCode, rows } = await play('rows');
  assert.equal(exitCode, 0);
  assert.equal(rows.length, 4 * 200 + 4);
  for (const row of rows) assert.ok(isRow(row) && row.comm === 'we"ird\\x\n');
  const pairs = rows.filter((row) => isRow(row) && row.did === 'counted' && row.i === 7);
  assert.deepEqual(
    pairs.map((row) => isRow(row) && [row.pair, row.none]),
    Array.from({ length: 4 }, () => [[7, -7], []]),
  );
});

test('a process that cannot play ends the whole story with 77, and the reason', { skip }, async () => {
  const { exitCode, rows } = await play('cannot');
  assert.equal(exitCode, 77);
  assert.deepEqual(
    rows.map((row) => isRow(row) && [row.did, row.why]),
    [['cannot', 'of a "reason"']],
  );
});

test('a process whose call fails ends the whole story with 1, and the call', { skip }, async () => {
  const { exitCode, rows } = await play('fail');
  assert.equal(exitCode, 1);
  assert.deepEqual(
    rows.map((row) => isRow(row) && [row.did, row.errno]),
    [['failed', 18]],
  );
});

function isRow(row: unknown): row is Readonly<Record<string, unknown>> {
  return typeof row === 'object' && row !== null;
}
