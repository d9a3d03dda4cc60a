import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createDecoder } from '../../src/event/decode.ts';
import type { Event } from '../../src/event/event.ts';
import { parseRow } from '../../src/event/row.ts';
import { createRowScanner } from '../../src/event/scan.ts';
import { ROW_KINDS } from '../../src/event/schema.ts';
import { anyRow } from '../fixtures/arbitrary-rows.ts';
import { rowText, tupleText } from '../fixtures/rows.ts';
import { assertProperty } from '../property.ts';

function scan(text: string) {
  const bytes = Buffer.from(`before\n${text}\nafter`);
  return createRowScanner().scan(bytes, 7, bytes.length - 6);
}

function decodeSlowly(text: string): Event | null {
  const row = parseRow(text);
  return row.ok ? createDecoder().decode(row.value) : createDecoder().undecodable(row.error);
}

describe('the row scanner', () => {
  for (const kind of ROW_KINDS) {
    it(`reads ${kind} by itself`, () => {
      assert.deepEqual(scan(rowText(kind)), decodeSlowly(rowText(kind)));
    });
  }

  it('gives the same event as the slow way, or leaves the row to it', () => {
    assertProperty(
      fc.property(anyRow, (text) => {
        const event = scan(text);
        if (event !== null) assert.deepEqual(event, decodeSlowly(text));
      }),
    );
  });

  it('never reads what the slow way would refuse', () => {
    const edits = fc.array(
      fc.tuple(fc.nat(), fc.constantFrom('', '0', '-', '"', ',', ']', '1e5', '.', ' ', '\\', '\u0000')),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    assertProperty(
      fc.property(anyRow, edits, fc.boolean(), (text, changes, isReplacing) => {
        let mutated = text;
        for (const [n, piece] of changes) {
          const at = n % (mutated.length + 1);
          mutated = mutated.slice(0, at) + piece + mutated.slice(isReplacing ? at + 1 : at);
        }
        const event = scan(mutated);
        if (event !== null) assert.deepEqual(event, decodeSlowly(mutated), mutated);
      }),
      2000,
    );
  });

  it('leaves to the slow way what needs care', () => {
    const careful = [
      rowText('beat', { comm: 'a\u0001b' }),
      rowText('beat', { comm: 'ü' }),
      rowText('inode.evicted', { ino: '18446744073709551615' }),
      rowText('inode.evicted', { ino: -1 }),
      rowText('beat', { ts: '9007199254740993' }).replace(/"(9\d+)"/, '$1'),
      rowText('beat').replace(']}', ',5]}'),
      tupleText(['beat', 1]),
      '{"type": "lost_events", "data": {"events": 3}}',
      '',
    ];
    for (const text of careful) assert.equal(scan(text), null, text);
  });

  it('reads simple escapes: each stack of a kernel has some', () => {
    for (const comm of ['a"b', 'a\\', '\\"', '\n__fput+5\n', '/']) {
      const text = rowText('beat', { comm });
      assert.equal(scan(text)?.comm, comm);
      assert.deepEqual(scan(text), decodeSlowly(text));
    }
    assert.equal(scan(rowText('beat').replace('"x"', '"\\q"')), null);
    assert.equal(scan(rowText('beat').replace('"x"', '"\\"')), null);
  });

  it('remembers texts without mixing them up', () => {
    const scanner = createRowScanner();
    assertProperty(
      fc.property(fc.stringMatching(/^[a-z]{0,3}$/), (comm) => {
        const bytes = Buffer.from(rowText('beat', { comm }));
        assert.equal(scanner.scan(bytes, 0, bytes.length)?.comm, comm);
      }),
      3000,
    );
  });
});
