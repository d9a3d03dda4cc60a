/** Reading what programs print: exact numbers, and nothing from lines that are not whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PRINTS, readPrinted, readText, withTag } from '../../../src/capture/walk/printed.ts';
import { assertProperty } from '../../property.ts';
import { LEASE } from './scenes.ts';

test('a line becomes its columns by name', () => {
  assert.deepEqual(readPrinted('["queue",256,4,-59075390715954560,2,0]'), {
    tag: 'queue',
    pid: '256',
    fd: '4',
    keeper: '-59075390715954560',
    inflight: '2',
    listening: '0',
  });
});

test('numbers of 64 bits stay as they were printed', () => {
  const values = ['18446744073709551615', '-9223372036854775808', '-59075390718909311'];
  for (const value of values) {
    const printed = readPrinted(`["queue",1,2,${value},0,0]`);
    assert.equal(printed?.tag === 'queue' && printed.keeper, value);
  }
});

test('a line that was cut anywhere says nothing', () => {
  assert.ok(readPrinted(LEASE));
  for (let length = 0; length < LEASE.length; length++) {
    assert.equal(readPrinted(LEASE.slice(0, length)), null, LEASE.slice(0, length));
  }
});

test('what is no row of the table is none', () => {
  const others = [
    '',
    'Attaching 1 probe...',
    '["rest",1]',
    '["rest",1,2,3]',
    '["rest",1,"2"]',
    '["rest",1,2.5]',
    '["rest",1,2] ',
    ' ["rest",1,2]',
    '["rest",1,2]["rest",1,2]',
    '["unheard",1,2]',
    '["toString"]',
    '["__proto__"]',
    '@at: 4',
  ];
  for (const line of others) assert.equal(readPrinted(line), null, line);
  assert.ok(readPrinted('["rest",1,2]'));
});

test('no text breaks the reader, and each row of the table is read back', () => {
  assertProperty(fc.property(fc.string(), (text) => readPrinted(text) === null || text.startsWith('["')));
  const row = fc.constantFrom(...Object.entries(PRINTS)).chain(([tag, columns]) =>
    fc.tuple(
      fc.constant(tag),
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), {
        minLength: columns.length,
        maxLength: columns.length,
      }),
    ),
  );
  assertProperty(
    fc.property(row, ([tag, values]) => {
      const printed = readPrinted(`["${tag}",${values.join(',')}]`);
      assert.deepEqual(Object.values(printed ?? {}), [tag, ...values.map(String)]);
    }),
  );
});

test('rows of one tag', () => {
  const lines = ['["rest",1,2]', LEASE, '["rest",1,3]'].flatMap((line) => readPrinted(line) ?? []);
  assert.deepEqual(
    withTag(lines, 'rest').map(({ fd }) => fd),
    ['2', '3'],
  );
});

test('a text that was printed as numbers', () => {
  assert.equal(readText('1634559090', '0'), 'rdma');
  assert.equal(readText('811956338', '0', '0'), 'rxe0');
  // All 16 bytes are used, and the numbers are printed unsigned or signed.
  const bytes = Buffer.from('zwölf Zeichen é', 'utf8').subarray(0, 16);
  const [one, two] = [bytes.readBigInt64LE(0), bytes.readBigUInt64LE(8)];
  assert.equal(readText(String(one), String(two)), bytes.toString('utf8'));
  assert.equal(readText('0', '1634559090'), '', 'nothing counts behind its end');
  assert.equal(readText(), '');
});
