import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Dialect, preprocess } from '../../src/capture/preprocess.ts';

const DIALECT: Dialect = {
  has: (feature) => feature.startsWith('yes'),
  offset: (paths) => (paths === 'page.mapping' ? 24 : null),
  size: (struct) => (struct === 'page' ? 64 : null),
  enumerator: (name) => (name === 'KNOWN' ? 256 : null),
  words: new Map([['MAJOR', '231']]),
};

const run = (source: string) => preprocess(source, new Map(), DIALECT);

test('an object-like macro is expanded, but not inside a string', () => {
  assert.equal(run('#define TYPE struct file_lock\n(TYPE *)x "TYPE"').text, '(struct file_lock *)x "TYPE"');
});

test('a function-like macro takes nested calls and rows of any length', () => {
  const source = '#define ROW(KIND, ...) print((KIND, nsecs, __VA_ARGS__))\nROW("a", f(1, 2), @m[tid, 3]);';
  assert.equal(run(source).text, 'print(("a", nsecs, f(1, 2), @m[tid, 3]));');
});

test('a macro uses macros, also in its arguments, and never expands itself', () => {
  assert.equal(run('#define A(X) B(X) + A\n#define B(Y) (Y)\nA(B(1))').text, '((1)) + A');
});

test('a definition goes on after a backslash', () => {
  assert.equal(run('#define TWO a; \\\n  b;\nTWO').text, 'a; b;');
});

test('the kernel gives offsets, sizes, enumerators and words', () => {
  const source = 'OFFSET(page.mapping) SIZE(page) ENUM(KNOWN, 1) ENUM(UNKNOWN, 0x10) MAJOR';
  assert.equal(run(source).text, '24 64 256 0x10 231');
});

test('what the kernel does not have is named, so that the text is not used', () => {
  assert.deepEqual(run('OFFSET(a.b|c.d)\nSIZE(x)\nENUM(E)').unresolved, [
    'OFFSET(a.b|c.d)',
    'SIZE(x)',
    'ENUM(E)',
  ]);
});

test('a ladder keeps its first rung that holds, and says what is missing only where it stands', () => {
  const ladder = (first: string, second: string) =>
    run(`#if has(${first})\n1\n#elif has(${second})\n2\n#missing the first\n#else\n3\n#missing both\n#endif`);
  assert.deepEqual(ladder('yes:a', 'yes:b'), { text: '1', missing: [], maps: [], unresolved: [] });
  assert.deepEqual(ladder('no:a', 'yes:b'), { text: '2', missing: ['the first'], maps: [], unresolved: [] });
  assert.deepEqual(ladder('no:a', 'no:b'), { text: '3', missing: ['both'], maps: [], unresolved: [] });
});

test('conditions nest and follow the precedence of C', () => {
  const holds = (condition: string) => run(`#if ${condition}\nyes\n#endif`).text === 'yes';
  assert.ok(holds('has(yes) || has(no) && has(no)'));
  assert.ok(!holds('(has(yes) || has(no)) && has(no)'));
  assert.ok(holds('!has(no) && !(has(no) || has(no))'));
  assert.equal(run('#if has(no)\n#if has(yes)\n1\n#else\n2\n#endif\n#endif').text, '');
});

test('definitions in a branch that is not taken do not count', () => {
  assert.equal(run('#if has(no)\n#define X 1\n#else\n#define X 2\n#endif\nX').text, '2');
});

test('comment lines go; a malformed directive is a mistake in a probe and throws', () => {
  assert.equal(run('// why\n  // more\ncode').text, 'code');
  for (const broken of [
    '#endif',
    '#if has(yes)\n',
    '#else\n',
    '#iff x',
    '#if maybe\n#endif',
    '#if (has(yes)\n#endif',
  ]) {
    assert.throws(() => run(broken), Error, broken);
  }
});
