import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {
  cleanName,
  errnoName,
  formatBytes,
  formatResult,
  joinWords,
  plural,
  wrapText,
} from '../../src/base/text.ts';
import { assertProperty } from '../property.ts';

const anyText = fc.string({ unit: 'binary' });

test('hostile names become visible', () => {
  const cases: readonly (readonly [name: string, text: string])[] = [
    ['data', 'data'],
    ['/mnt/dax/ä 漢字 😀', '/mnt/dax/ä 漢字 😀'],
    ['we"ird\\x', 'we"ird\\x'],
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['two\nlines\tand\rmore', 'two\\nlines\\tand\\x0dmore'],
    ['\u009b2J', '\\x9b2J'],
    ['\u202egpj.exe', '\\u202egpj.exe'],
    ['a\u2066b\u2069\u200bc\ufeff', 'a\\u2066b\\u2069\\u200bc\\ufeff'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half\ud800', 'half\\ud800'],
    ['\u0000', '\\x00'],
  ];
  for (const [name, text] of cases) assert.equal(cleanName(name), text);
});

test('a cleaned name holds nothing unprintable, and cleaning it again changes nothing', () => {
  assertProperty(
    fc.property(anyText, (name) => {
      const clean = cleanName(name);
      assert.doesNotMatch(clean, /\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2028\u2029]/u);
      assert.equal(cleanName(clean), clean);
    }),
  );
});

test('numbers in words', () => {
  assert.deepEqual(
    [plural(1, 'page'), plural(0, 'page'), plural(1234, 'page'), plural(2, 'process', 'processes')],
    ['1 page', '0 pages', '1,234 pages', '2 processes'],
  );
  assert.deepEqual([0, 512, 1023, 1024, 65536, 1_048_576, 1_048_575, 5 * 2 ** 40].map(formatBytes), [
    '0 B',
    '512 B',
    '1023 B',
    '1.0 KiB',
    '64.0 KiB',
    '1.0 MiB',
    '1.0 MiB',
    '5.0 TiB',
  ]);
});

test('lists in words', () => {
  assert.deepEqual(
    [joinWords([]), joinWords(['a']), joinWords(['a', 'b']), joinWords(['a', 'b', 'c'])],
    ['', 'a', 'a and b', 'a, b and c'],
  );
  assert.equal(joinWords(['a', 'b', 'c', 'd'], 2), 'a, b and 2 others');
});

test('errors by name, of either sign', () => {
  assert.deepEqual(
    [errnoName(-11), errnoName(26), errnoName(-512), errnoName(-9999)],
    ['EAGAIN', 'ETXTBSY', 'ERESTARTSYS', 'error 9999'],
  );
  assert.deepEqual([formatResult(0), formatResult(-35)], ['0', '-35 (EDEADLK)']);
});

test('lines are broken at spaces, with a hanging indent', () => {
  assert.deepEqual(wrapText('one two three four', { width: 16, first: '  key  ' }), [
    '  key  one two',
    '       three',
    '       four',
  ]);
  assert.deepEqual(wrapText('one two', { width: Number.POSITIVE_INFINITY, first: '> ' }), ['> one two']);
});

test('a number stays with its unit', () => {
  assert.deepEqual(wrapText('ends at +1.234 s, has 64.0 KiB and 3 shares', { width: 15 }), [
    'ends at',
    '+1.234 s, has',
    '64.0 KiB and 3',
    'shares',
  ]);
});

test('a word that is wider than a line is cut', () => {
  assert.deepEqual(wrapText(`a ${'x'.repeat(25)}`, { width: 10, first: '', rest: '  ' }), [
    'a',
    '  xxxxxxxx',
    '  xxxxxxxx',
    '  xxxxxxxx',
    '  x',
  ]);
});

test('no line is wider than asked for, and no letter is lost', () => {
  assertProperty(
    fc.property(anyText.map(cleanName), fc.integer({ min: 24, max: 90 }), (text, width) => {
      const lines = wrapText(text, { width, first: '  to free   ' });
      for (const line of lines) assert.ok(stringWidth(line) <= width, JSON.stringify(line));
      const letters = (words: string) => words.replaceAll(' ', '');
      assert.equal(letters(lines.join('')), letters(`  to free   ${text}`).trimEnd());
    }),
  );
});
