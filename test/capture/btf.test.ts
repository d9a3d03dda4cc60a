/** Reads BTF blobs built here, by the layout of include/uapi/linux/btf.h; the lab reads the real ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Btf,
  enumeratorValue,
  functionName,
  offsetOf,
  parametersOf,
  parseBtf,
  sizeOf,
} from '../../src/capture/btf.ts';

const KIND = { int: 1, ptr: 2, struct: 4, union: 5, enum: 6, typedef: 8, const: 10, func: 12, funcProto: 13 };

/** Builds one blob. Types are words; names are given as text and become string offsets. */
function build(types: readonly (readonly (number | string)[])[], firstString = 0): Uint8Array {
  let strings = '\0';
  const words = types.flat().map((word) => {
    if (typeof word === 'number') return word;
    if (word === '') return 0;
    const at = strings.length + firstString;
    strings += `${word}\0`;
    return at;
  });
  const bytes = new Uint8Array(24 + words.length * 4 + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint32(4, 24, true);
  view.setUint32(12, words.length * 4, true);
  view.setUint32(16, words.length * 4, true);
  view.setUint32(20, strings.length, true);
  words.forEach((word, i) => {
    view.setUint32(24 + i * 4, word, true);
  });
  bytes.set(Buffer.from(strings, 'latin1'), 24 + words.length * 4);
  return bytes;
}

const info = (kind: number, count = 0) => (kind << 24) | count;

/** Ids: 1 int, 2 struct inner {a; b}, 3 anonymous union {c; d}, 4 struct outer {x; (union); inner}, 5 typedef, 6…9. */
const KERNEL = build([
  ['int', info(KIND.int), 4, 32],
  ['inner', info(KIND.struct, 2), 8, 'a', 1, 0, 'b', 1, 32],
  ['', info(KIND.union, 2), 8, 'c', 1, 0, 'd', 2, 0],
  ['outer', info(KIND.struct, 3), 32, 'x', 1, 0, '', 3, 64, 'wrapped', 5, 128],
  ['inner_t', info(KIND.typedef), 6],
  ['', info(KIND.const), 2],
  ['', info(KIND.enum, 2), 4, 'FIRST', 1, 'SECOND', 256],
  ['', info(KIND.funcProto, 2), 1, 'start', 1, 'nr_pages', 1],
  ['pin', info(KIND.func), 8],
]);

const kernel = parseBtf(KERNEL) as Btf;

test('offsets of members, in nested and anonymous ones and through typedefs and qualifiers', () => {
  assert.equal(offsetOf(kernel, 'outer.x'), 0);
  assert.equal(offsetOf(kernel, 'outer.d'), 8);
  assert.equal(offsetOf(kernel, 'outer.d.b'), 12);
  assert.equal(offsetOf(kernel, 'outer.wrapped.b'), 20);
});

test('what is not there is null, never a guess', () => {
  assert.equal(offsetOf(kernel, 'outer.nothing'), null);
  assert.equal(offsetOf(kernel, 'outer.x.deeper'), null);
  assert.equal(offsetOf(kernel, 'nothing.x'), null);
  assert.equal(sizeOf(kernel, 'nothing'), null);
  assert.equal(parametersOf(kernel, 'nothing'), null);
  assert.equal(enumeratorValue(kernel, 'nothing'), null);
});

test('sizes, parameters and enumerators', () => {
  assert.equal(sizeOf(kernel, 'outer'), 32);
  assert.deepEqual(parametersOf(kernel, 'pin'), ['start', 'nr_pages']);
  assert.equal(enumeratorValue(kernel, 'SECOND'), 256);
});

test("a module's types go on where the kernel's end, and use them", () => {
  const split = build(
    [['region', info(KIND.struct, 2), 40, 'first', 1, 64, 'nested', 4, 128]],
    kernel.stringBytes,
  );
  const module = parseBtf(split, kernel) as Btf;
  assert.equal(offsetOf(module, 'region.nested.d.b'), 16 + 12);
  assert.equal(offsetOf(module, 'inner.b'), 4);
  assert.equal(sizeOf(module, 'region'), 40);
  assert.deepEqual(parametersOf(module, 'pin'), ['start', 'nr_pages']);
  assert.equal(enumeratorValue(module, 'FIRST'), 1);
});

test('bytes that are not BTF, or are cut, are refused', () => {
  assert.equal(parseBtf(new Uint8Array(0)), null);
  assert.equal(parseBtf(new Uint8Array(100)), null);
  assert.equal(parseBtf(KERNEL.subarray(0, KERNEL.length - 1)), null);
});

test('functions by their numbers, and nothing else', () => {
  assert.equal(functionName(kernel, 9), 'pin');
  assert.equal(functionName(kernel, 8), null);
  assert.equal(functionName(kernel, 99), null);
});
