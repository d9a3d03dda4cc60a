import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createDecoder } from '../../src/event/decode.ts';
import { parseRow } from '../../src/event/row.ts';
import { COMMON, ROW_KINDS, SCHEMA } from '../../src/event/schema.ts';
import { createPointerNumbers } from '../../src/recording/pointers.ts';
import { anyRow } from '../fixtures/arbitrary-rows.ts';
import { columnNames, firedText, rowText, tupleText } from '../fixtures/rows.ts';
import { assertProperty } from '../property.ts';

function decode(text: string): Readonly<Record<string, unknown>> {
  const row = parseRow(text);
  assert.ok(row.ok);
  return { ...createDecoder().decode(row.value) };
}

describe('renumbering', () => {
  it('gives equal pointers equal numbers, in all forms and columns, and keeps null', () => {
    const { renumber } = createPointerNumbers();
    const first = decode(renumber(rowText('pin.taken', { object: -131391570087936, reach: 0, page: -8 })));
    assert.deepEqual([first.object, first.reach, first.page], [1, 0, 2]);
    const second = decode(renumber(rowText('pin.dropped', { object: '18446612682139463680', page: '-8' })));
    assert.deepEqual([second.object, second.page], [1, 2]);
  });

  it('changes pointer columns only', () => {
    assertProperty(
      fc.property(fc.array(anyRow, { maxLength: 20 }), (rows) => {
        const { renumber } = createPointerNumbers();
        for (const text of rows) {
          const before = decode(text);
          const after = decode(renumber(text));
          const types: Readonly<Record<string, string>> = {
            ...COMMON,
            ...SCHEMA[ROW_KINDS.find((kind) => kind === before.kind) ?? 'beat'],
          };
          for (const [name, value] of Object.entries(before)) {
            if (types[name] !== 'ptr') assert.deepEqual(after[name], value, name);
          }
        }
      }),
    );
  });

  it('is a bijection: two pointers are equal after it when they were before', () => {
    assertProperty(
      fc.property(fc.array(fc.integer({ min: -20, max: 0 }), { minLength: 1 }), (addresses) => {
        const { renumber } = createPointerNumbers();
        const numbers = addresses.map(
          (inode) => decode(renumber(rowText('inode.evicted', { inode: inode * 64 }))).inode,
        );
        assert.equal(new Set(numbers).size, new Set(addresses).size);
        assert.equal(
          new Set(addresses.map((address, n) => `${address} ${numbers[n]}`)).size,
          new Set(addresses).size,
        );
      }),
    );
  });

  it('leaves no kernel address in stacks, unknown columns, unknown rows and broken rows', () => {
    const { renumber } = createPointerNumbers();
    const secret = /ffff88|131391570087936|18446612682139463680/;
    const rows = [
      rowText('file.finalClosed', { stack: '0xffff888111222333\n__fput+1' }),
      rowText('beat').replace(']}', ',-131391570087936,18446612682139463680]}'),
      tupleText(['new.kind', -131391570087936, '0xffff888111222333']),
      '{"type": "value", "data": ["pin.taken", -131391570087936',
      '{"type": "map", "data": {"@x[-131391570087936]": 1}}',
      rowText('inode.evicted', { inode: 'x-131391570087936' }),
    ];
    for (const row of rows) assert.doesNotMatch(renumber(row), secret, row);
  });

  it('keeps everything that is not an address', () => {
    const { renumber } = createPointerNumbers();
    const rows = [
      firedText({ beat: 123456789012 }),
      '{"type":"lost_events", "count":12}',
      rowText('truncate.began', { ts: 9_007_199_254_740_991, name: '0xffff888111222333', to: 2 ** 52 }),
      rowText('file.finalClosed', { file: 0, object: 0, stack: '__fput+0x1ff\ntask_work_run+12' }),
    ];
    for (const row of rows) assert.equal(renumber(row), row);
  });

  it('stays bounded and counts what it forgot', () => {
    const numbers = createPointerNumbers(3);
    const seen = [1, 2, 3, 1, 4, 1, 2].map(
      (inode) => decode(numbers.renumber(rowText('inode.evicted', { inode: inode * -8 }))).inode,
    );
    assert.deepEqual(seen, [1, 2, 3, 1, 4, 1, 5]);
    assert.equal(numbers.forgotten(), 2);
  });

  it('knows every kind of row', () => {
    const { renumber } = createPointerNumbers();
    for (const kind of ROW_KINDS) {
      assert.equal(Object.keys(decode(renumber(rowText(kind)))).length, columnNames(kind).length + 1, kind);
    }
  });
});
