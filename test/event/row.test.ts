import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findElements, parseRow, repairRow } from '../../src/event/row.ts';
import { anyRow } from '../fixtures/arbitrary-rows.ts';
import { tupleText } from '../fixtures/rows.ts';
import { assertProperty } from '../property.ts';

function parsed(text: string): unknown {
  const row = parseRow(text);
  assert.ok(row.ok);
  return row.value;
}

/** What bpftrace's json_escape does to a byte from 0x80 up: it escapes it as a signed char. */
function garble(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\uffffff${byte.toString(16)}`))
    .join('');
}

describe('repairRow', () => {
  it('brings back the bytes from 0x80 up', () => {
    assert.equal(parsed(`"${garble('naïve ✓ 数')}"`), 'naïve ✓ 数');
  });

  it('marks bytes that are not UTF-8, for example of a name cut in the middle of a character', () => {
    assert.equal(parsed('"ab\\uffffffe2\\uffffff9c"'), 'ab\ufffd');
  });

  it('leaves a file name alone that only looks garbled: its backslash is escaped', () => {
    assert.equal(parsed('"\\\\uffffffc3"'), '\\uffffffc3');
    assert.equal(parsed('"\\\\\\uffffffc3\\uffffffa9"'), '\\é');
  });

  it('keeps integers that a double does not hold, and only those', () => {
    assert.deepEqual(parsed('[18446744073709551615,9007199254740993,1234567890123456,-59672695062659073]'), [
      '18446744073709551615',
      '9007199254740993',
      1234567890123456,
      '-59672695062659073',
    ]);
  });

  it('keeps them wherever in the row they stand', () => {
    const padding = fc.integer({ min: 0, max: 80 });
    const long = fc.bigInt({ min: 2n ** 53n + 1n, max: 2n ** 64n - 1n });
    assertProperty(
      fc.property(padding, padding, long, (before, after, integer) => {
        const text = `["${'x'.repeat(before)}",1,${integer},2,"${'x'.repeat(after)}"]`;
        assert.deepEqual(parsed(text), ['x'.repeat(before), 1, String(integer), 2, 'x'.repeat(after)]);
      }),
    );
  });

  it('does not touch digits inside text', () => {
    assert.deepEqual(parsed('["9007199254740993,\\"9007199254740993",9007199254740993]'), [
      '9007199254740993,"9007199254740993',
      '9007199254740993',
    ]);
  });

  it('mends each line of several as if it stood alone, whatever the others are', () => {
    const odd = fc.constantFrom(
      '["9007199254740993,9007199254740993',
      '[9007199254740993]',
      '"ab\\',
      `"${garble('é')}"`,
      '\\',
      '"',
    );
    assertProperty(
      fc.property(fc.array(fc.oneof(anyRow, odd), { minLength: 1, maxLength: 6 }), (lines) => {
        assert.deepEqual(repairRow(lines.join('\n')).split('\n'), lines.map(repairRow));
      }),
    );
  });

  it('changes nothing in rows that need no repair', () => {
    assertProperty(fc.property(anyRow, (text) => repairRow(text) === text));
  });
});

describe('parseRow', () => {
  it('says what is wrong, without the hostile text itself', () => {
    assert.deepEqual(parseRow('{"x'), { ok: false, error: 'row is not JSON' });
    assert.deepEqual(parseRow('9'.repeat((1 << 20) + 1)), { ok: false, error: 'row is too long' });
  });
});

describe('findElements', () => {
  const scalar = fc.oneof(fc.string({ unit: 'binary' }), fc.integer());

  it('finds in the text what JSON.parse finds', () => {
    const elements = fc.array(fc.oneof(scalar, fc.array(scalar)), { minLength: 1 });
    assertProperty(
      fc.property(elements, (values) => {
        const text = tupleText(values);
        const found = findElements(text)?.map((span) => JSON.parse(text.slice(span.start, span.end)));
        assert.deepEqual(found, values);
      }),
    );
  });

  it('does not take other rows for tuples', () => {
    for (const text of [
      '',
      '{}',
      '{"type": "map", "data": [1]}',
      tupleText([1]).slice(0, -1),
      `${tupleText([1])}x`,
    ]) {
      assert.equal(findElements(text), null, text);
    }
  });
});
