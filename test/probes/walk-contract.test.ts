/** Holds three things together: each walk program's header, what it prints, and src/capture/walk/printed.ts. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/capture/package-root.ts';
import { readBlocks } from '../../src/capture/probe-block.ts';
import { composeWalk } from '../../src/capture/walk/compose.ts';
import { PRINTS } from '../../src/capture/walk/printed.ts';
import { madeUpKernel } from '../capture/walk/made-up-kernel.ts';

const PROBES = join(packageRoot(), 'probes', 'walk');
const CODE = join(packageRoot(), 'src', 'capture', 'walk');
const names = readdirSync(PROBES)
  .filter((name) => name.endsWith('.bt'))
  .map((name) => name.replace('.bt', ''));
const columnsOf: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(PRINTS));
/** bpf_trace_printk and bpf_seq_printf take 12 values at most (MAX_BPRINTF_VARARGS, include/linux/bpf.h, 6.1 to 7.3). */
const MOST_VALUES = 12;

const sourceOf = (name: string) => readFileSync(join(PROBES, `${name}.bt`), 'utf8');

/** The program as bpftrace gets it on a kernel that has all it asks for. */
function programOf(name: string): string {
  const { text, missing } = composeWalk(name, madeUpKernel());
  assert.ok(text !== null, `${name} cannot be composed: ${missing}`);
  return text;
}

/** Every printf of a program: its tag, the conversions of its format, and how many values it is given. */
function printsOf(program: string): { tag: string; conversions: number; values: number }[] {
  return [...program.matchAll(/printf\("((?:[^"\\]|\\.)*)"/g)].map((match) => {
    const format = match[1] ?? '';
    const tag = /^\[\\"(\w+)\\",/.exec(format)?.[1];
    assert.ok(tag !== undefined, `not a row: ${format}`);
    let depth = 1;
    let values = 0;
    for (let at = (match.index ?? 0) + match[0].length; depth > 0; at++) {
      const c = program[at];
      assert.ok(c !== undefined, `never closed: ${format}`);
      if (c === '(' || c === '[') depth++;
      if (c === ')' || c === ']') depth--;
      if (c === ',' && depth === 1) values++;
    }
    assert.match(format, /^\[\\"\w+\\"(?:,(?:%d|%lld|%llu|-?\d+))+\]\\n$/, 'numbers only, one row a line');
    assert.ok(values <= MOST_VALUES, `${tag} is given ${values} values`);
    assert.equal([...format.matchAll(/%/g)].length, values, `values of ${tag}`);
    return { tag, conversions: format.split(',').length - 1, values };
  });
}

const listedIn = (source: string) =>
  [...source.matchAll(/^\/\/ @print (\w+): (.*)$/gm)].map((match) => ({
    tag: match[1] ?? '',
    columns: (match[2] ?? '').trim().split(' '),
  }));

test('every row that is read is printed by some program', () => {
  const printed = new Set(names.flatMap((name) => printsOf(programOf(name)).map(({ tag }) => tag)));
  assert.deepEqual([...printed].sort(), [...columnsOf.keys()].sort());
});

test('every program is run by the walk', () => {
  const code = readdirSync(CODE).map((name) => readFileSync(join(CODE, name), 'utf8'));
  for (const name of names) assert.ok(code.join('\n').includes(`'${name}'`), name);
});

for (const name of names) {
  test(`${name}: the header says why, what it visits, what it prints and the caveats, in this order`, () => {
    const source = sourceOf(name);
    assert.ok(source.startsWith(`// ${name}: `), 'the first line names the file and its purpose');
    const order = ['// Why: ', '// Visits: ', '// @print ', '// Caveats: '].map((mark) =>
      source.indexOf(mark),
    );
    assert.ok(
      order.every((at) => at > 0),
      `missing part: ${order}`,
    );
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  });

  test(`${name}: its header lists exactly the rows that it prints, with their columns`, () => {
    const listed = listedIn(sourceOf(name));
    const prints = printsOf(programOf(name));
    assert.deepEqual(listed.map(({ tag }) => tag).sort(), [...new Set(prints.map(({ tag }) => tag))].sort());
    for (const { tag, columns } of listed) assert.deepEqual(columns, columnsOf.get(tag), tag);
    for (const { tag, conversions } of prints) assert.equal(conversions, columnsOf.get(tag)?.length, tag);
  });

  test(`${name}: one iterator, with one loop at most and no map read before it is written`, () => {
    assert.equal([...sourceOf(name).matchAll(/^iter:/gm)].length, 1);
    const program = programOf(name);
    assert.deepEqual(
      readBlocks(program).map(({ hooks }) => hooks.map((hook) => hook.split(':')[0])),
      [['iter']],
    );
    assert.ok([...program.matchAll(/\bwhile\b/g)].length <= 1, 'a loop inside or after another');
    for (const map of new Set(program.match(/@\w+/g))) {
      assert.match(program.slice(program.indexOf(map)), /^@\w+ = /, `${map} is read first`);
    }
  });
}
