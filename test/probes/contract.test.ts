/** Holds three things together: each probe's header, its body, and src/event/schema.ts. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PATHS } from '../../src/capture/compose.ts';
import { packageRoot } from '../../src/capture/package-root.ts';
import { COMMON, isOwnKind, ROW_KINDS, SCHEMA } from '../../src/event/schema.ts';

const PROBES = join(packageRoot(), 'probes');
const files = readdirSync(PROBES).filter((name) => name.endsWith('.bt'));
const prelude = readFileSync(join(PROBES, 'prelude.h'), 'utf8');

/** FILE_COLUMNS stands for five columns. */
const FILE_COLUMNS = ['file', 'dev', 'ino', 'mode', 'object'];

/** The kinds that a word of the prelude prints, by its name. */
function kindsByWord(): Map<string, string[]> {
  const joined = prelude.replace(/\s*\\\n\s*/g, ' ');
  const definitions = [...joined.matchAll(/^#define (\w+)(?:\([^)]*\))? (.*)$/gm)];
  return new Map(definitions.map((match) => [match[1] ?? '', rowsOf(match[2] ?? '').map((row) => row.kind)]));
}

/** Every ROW(...) of a text: its kind and how many columns it prints after the common ones. */
function rowsOf(text: string): { kind: string; columns: number }[] {
  const rows: { kind: string; columns: number }[] = [];
  for (const match of text.matchAll(/\b(BARE_ROW|ROW)\("([^"]+)"/g)) {
    let depth = 0;
    let columns = 0;
    for (let at = (match.index ?? 0) + (match[1]?.length ?? 0); at < text.length; at++) {
      const c = text[at];
      if (c === '(' || c === '[') depth++;
      if (c === ')' || c === ']') depth--;
      if (c === ',' && depth === 1) columns++;
      if (text.startsWith('FILE_COLUMNS(', at) && depth === 1) columns += FILE_COLUMNS.length - 1;
      if (depth === 0) break;
    }
    rows.push({ kind: match[2] ?? '', columns });
  }
  return rows;
}

test('every probe file is composed, and every composed path is a file', () => {
  assert.deepEqual(files.map((name) => name.replace('.bt', '')).sort(), [...PATHS].sort());
});

test('the README has one line for each path, and no more', () => {
  const readme = readFileSync(join(PROBES, 'README.md'), 'utf8');
  const table = /^\| file \| answers [\s\S]*?\n\n/m.exec(readme)?.[0] ?? '';
  const named = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1]);
  assert.deepEqual(named.toSorted(), [...PATHS].sort());
});

test('the common columns are those that ROW prints', () => {
  const printed = /#define BARE_ROW\(KIND\).*print\(\(KIND, ([^)]*)\)\)/.exec(prelude)?.[1];
  assert.deepEqual(printed?.split(', '), ['nsecs', ...Object.keys(COMMON).slice(1)]);
});

test('every kind of row but the walk’s own is printed by some probe', () => {
  const printed = new Set(
    [prelude, ...files.map((name) => readFileSync(join(PROBES, name), 'utf8'))].flatMap((text) =>
      rowsOf(text).map((row) => row.kind),
    ),
  );
  assert.deepEqual(
    [...ROW_KINDS].filter((kind) => !printed.has(kind) && !isOwnKind(kind)),
    [],
  );
});

for (const name of files) {
  const text = readFileSync(join(PROBES, name), 'utf8');
  const body = text.replace(/^\/\/.*$/gm, '');
  const byWord = [...kindsByWord()].filter(([word]) => new RegExp(`\\b${word}\\b`).test(body));
  const used = byWord.flatMap(([, kinds]) => kinds);

  test(`${name}: the header says why, the hooks, the rows and the caveats, in this order`, () => {
    const order = ['// Why: ', '// Hooks:', '// @row ', '// Caveats: '].map((mark) => text.indexOf(mark));
    assert.ok(
      text.startsWith(`// ${name.replace('.bt', '')}: `),
      'the first line names the file and its purpose',
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

  test(`${name}: its rows have the columns of the schema`, () => {
    for (const { kind, columns } of rowsOf(text)) {
      const schema = SCHEMA[kind as keyof typeof SCHEMA];
      assert.ok(schema, `${kind} is not in the schema`);
      assert.equal(columns, Object.keys(schema).length, `${kind} prints ${columns} columns`);
    }
  });

  test(`${name}: its header lists exactly the rows of its body, as the schema has them`, () => {
    const listed = [...text.matchAll(/^\/\/ @row ([\w.]+):(.*)$/gm)].map((match) => ({
      kind: match[1] ?? '',
      columns: (match[2] ?? '')
        .trim()
        .split(' ')
        .filter((column) => column !== ''),
    }));
    for (const { kind, columns } of listed) {
      assert.deepEqual(columns, Object.keys(SCHEMA[kind as keyof typeof SCHEMA] ?? {}), kind);
    }
    const inBody = new Set([...rowsOf(text).map((row) => row.kind), ...used]);
    assert.deepEqual(new Set(listed.map((row) => row.kind)), inBody);
  });
}
