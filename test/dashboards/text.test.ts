import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { clean, cutEnd, cutMiddle, displayWidth, isOneCellEach } from '../../dashboards/text.ts';
import { assertProperty } from '../property.ts';
import { arbitraryText } from './arbitrary-scene.ts';

const OBEYED = /[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;

test('what a terminal would obey is written out', () => {
  assert.equal(clean('\x1b[31mred'), '\\x1b[31mred');
  assert.equal(clean('a\nb'), 'a\\nb');
  assert.equal(clean('\u202egnp.exe'), '\\u202egnp.exe');
  assert.equal(clean('{red-fg}"'), '{red-fg}"');
});

test('a name that begins with a mark cannot join the text before it', () => {
  assert.equal(clean('\u0301x'), '\\u{301}x');
  assert.equal(clean('\u1161'), '\\u{1161}');
});

test('cleaned text holds nothing that is obeyed, and cleaning again changes nothing', () => {
  assertProperty(
    fc.property(arbitraryText, (text) => {
      const once = clean(text);
      assert.doesNotMatch(once, OBEYED);
      assert.equal(clean(once), once);
    }),
  );
});

test('what is counted by its length is as wide as it is long', () => {
  const units = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(isOneCellEach);
  assert.ok(units.length > 200);
  for (const unit of units) assert.equal(stringWidth(unit), 1, `U+${unit.charCodeAt(0).toString(16)}`);
});

test('cut text is as wide as allowed at most, and one wide character short at least', () => {
  assertProperty(
    fc.property(arbitraryText, fc.integer({ min: 0, max: 30 }), (text, width) => {
      const whole = clean(text);
      for (const cut of [cutEnd(whole, width), cutMiddle(whole, width)]) {
        const cells = displayWidth(cut);
        assert.ok(cells <= width, `${JSON.stringify(cut)} takes ${cells} of ${width}`);
        if (displayWidth(whole) <= width) assert.equal(cut, whole);
        else assert.ok(cells >= Math.min(width, 1));
      }
    }),
  );
});

test('a path is cut in the middle: mount point and file name stay', () => {
  assert.equal(cutMiddle(clean('/mnt/dax/very/long/way/to/the/data.bin'), 20), '/mnt/da…the/data.bin');
  assert.equal(cutMiddle(clean('/漢字/漢字/漢字/漢字'), 11), '/漢…/漢字');
});
