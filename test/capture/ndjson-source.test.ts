import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createNdjsonSource, type SourceRow } from '../../src/capture/ndjson-source.ts';
import { parseRow } from '../../src/event/row.ts';
import { anyRow } from '../fixtures/arbitrary-rows.ts';
import { rowText } from '../fixtures/rows.ts';
import { assertProperty } from '../property.ts';

function readChunks(chunks: readonly Buffer[]): SourceRow[] {
  const source = createNdjsonSource();
  return [...chunks.flatMap((chunk) => source.write(chunk)), ...source.end()];
}

function read(text: string): SourceRow[] {
  return readChunks([Buffer.from(text)]);
}

const FIRST = rowText('beat', { ts: 1, comm: 'naïve ✓' });
const LAST = rowText('beat', { ts: 2 });

describe('rows from bytes', () => {
  it('are the same however the bytes are cut', () => {
    const rows = fc.array(fc.oneof(anyRow, fc.constantFrom('null', '{"x', 'é✓', '5', '""')), {
      maxLength: 8,
    });
    assertProperty(
      fc.property(rows, fc.array(fc.nat(400)), fc.constantFrom('\n', '\r\n'), (lines, cuts, newline) => {
        const bytes = Buffer.from(lines.map((line) => line + newline).join(''));
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, n) => bytes.subarray(at[n], end));
        assert.deepEqual(readChunks(chunks), readChunks([bytes]));
        assert.deepEqual(
          readChunks(chunks).map((row) => row.text),
          lines,
        );
      }),
    );
  });

  it('are parsed as the recording reader parses them, so that live equals replay', () => {
    const oddities = fc.constantFrom(
      '{"a": 18446744073709551615}',
      '["\\uffffffc3\\uffffffa9"]',
      '{"x',
      '5',
      'nul',
    );
    assertProperty(
      fc.property(fc.oneof(anyRow, oddities), (line) => {
        assert.deepEqual(read(`${line}\n`)[0]?.parsed, parseRow(line));
      }),
    );
  });
});

describe('a bad row', () => {
  for (const bad of ['{"type": "value", "da', 'null', ' null ', '}', '\u0000', 'undefined', '[1,2']) {
    it(`${JSON.stringify(bad)} is counted and leaves its neighbours whole`, () => {
      const rows = read(`${FIRST}\n${bad}\n${LAST}\n`);
      assert.deepEqual(
        rows.map((row) => row.parsed.ok),
        [true, false, true],
      );
      assert.deepEqual(
        rows.map((row) => row.text),
        [FIRST, bad, LAST],
      );
    });
  }

  it('may be a thousand in a row', () => {
    const rows = read(`${'}{\n'.repeat(1000)}${LAST}\n`);
    assert.equal(rows.filter((row) => !row.parsed.ok).length, 1000);
    assert.deepEqual(rows.at(-1)?.parsed, { ok: true, value: JSON.parse(LAST) });
  });

  it('leaves no trace in the rows read with it, whatever needs mending in those', () => {
    const lines = [
      FIRST,
      '{"type": "value", "data": ["x, 18446744073709551615]}',
      '{"a": 18446744073709551615}',
      LAST,
    ];
    assert.deepEqual(
      read(lines.map((line) => `${line}\n`).join('')).map(({ parsed }) => parsed),
      lines.map(parseRow),
    );
  });

  it('without an end is given up before it fills the memory', () => {
    const source = createNdjsonSource();
    const chunk = Buffer.alloc(300_000, 'x');
    const rows = [1, 2, 3, 4, 5, 6, 7, 8].flatMap(() => source.write(chunk));
    assert.deepEqual(rows, [{ text: '', parsed: { ok: false, error: 'row is too long' } }]);
    assert.deepEqual(
      source.write(Buffer.from(`xx\n${LAST}\n`)).map((row) => row.text),
      [LAST],
    );
  });
});

describe('the edges of a stream', () => {
  it('blank lines are no rows', () => {
    assert.equal(read(`\n\n${FIRST}\n \n${LAST}\n\n`).length, 2);
  });

  it('a last row without its newline is a row; one that broke off is a bad one', () => {
    assert.equal(read(`${FIRST}\n${LAST}`).at(-1)?.parsed.ok, true);
    assert.equal(read(`${FIRST}\n${LAST.slice(0, -9)}`).at(-1)?.parsed.ok, false);
  });

  it('values that are falsy are rows', () => {
    assert.deepEqual(
      read('0\n""\nfalse\n').map((row) => row.parsed),
      [0, '', false].map((value) => ({ ok: true, value })),
    );
  });
});
