/**
 * What no type can hold: imports run one way, the model touches nothing outside itself, and only two rooms do I/O.
 *
 *   cli → commands → {capture, recording, dashboards, export, report → check} → model → event → base
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

type Room =
  | 'cli'
  | 'commands'
  | 'capture'
  | 'recording'
  | 'dashboards'
  | 'report'
  | 'export'
  | 'check'
  | 'model'
  | 'event'
  | 'base';

/** What each room may import besides itself. */
const MAY_IMPORT: Readonly<Record<Room, readonly Room[]>> = {
  base: [],
  event: ['base'],
  model: ['event', 'base'],
  check: ['model', 'event', 'base'],
  report: ['check', 'model', 'event', 'base'],
  export: ['model', 'event', 'base'],
  dashboards: ['model', 'event', 'base'],
  capture: ['event', 'base'],
  recording: ['model', 'event', 'base'],
  commands: ['capture', 'recording', 'dashboards', 'report', 'export', 'check', 'model', 'event', 'base'],
  cli: ['commands'],
};

/** Packages and Node modules that reach outside the process, and who may use them. */
const OUTSIDE: Readonly<Record<string, readonly Room[]>> = {
  'node:fs': ['capture', 'recording'],
  'node:fs/promises': ['capture', 'recording'],
  'node:child_process': [],
  'node:net': [],
  'node:http': [],
  'node:worker_threads': [],
  execa: ['capture'],
  ndjson: ['capture'],
  blessed: ['dashboards'],
  commander: ['commands'],
  'node:timers/promises': ['commands', 'capture', 'recording', 'dashboards'],
  'node:os': ['capture', 'commands', 'dashboards'],
};

/** What a pure room may not even name: clocks, chance, the process it runs in. */
const IMPURE =
  /\b(?:process\.|Date\.now|new Date\(\)|performance\.|Math\.random|setTimeout|setInterval|console\.)/;
const PURE_ROOMS: readonly Room[] = ['base', 'event', 'model', 'check', 'report', 'export'];

interface SourceFile {
  readonly path: string;
  readonly room: Room;
  readonly text: string;
  readonly imports: readonly string[];
}

function roomOf(path: string): Room {
  const [top = '', second = ''] = path.split('/');
  const name = top === 'dashboards' ? 'dashboards' : second.replace(/\.ts$/, '');
  assert.ok(name in MAY_IMPORT, `${path} is in no known room`);
  return name as Room;
}

function readSources(): SourceFile[] {
  return ['src', 'dashboards']
    .flatMap((top) =>
      readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' }).map((path) => join(top, path)),
    )
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      const imports = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(
        (match) => match[1] ?? '',
      );
      return { path, room: roomOf(path), text, imports };
    });
}

const SOURCES = readSources();

/** The file that a relative import leads to, from the root; null for packages. */
function targetOf(file: SourceFile, specifier: string): string | null {
  return specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file.path), specifier)) : null;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

describe('architecture', () => {
  it('has sources to look at in every room', () => {
    assert.deepEqual(new Set(SOURCES.map((file) => file.room)), new Set(Object.keys(MAY_IMPORT)));
  });

  it('imports run one way', () => {
    const wrong = SOURCES.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const target = targetOf(file, specifier);
        if (target === null || roomOf(target) === file.room) return [];
        return MAY_IMPORT[file.room].includes(roomOf(target)) ? [] : [`${file.path} imports ${target}`];
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it('only capture and recording reach the system; each library has one room', () => {
    const wrong = SOURCES.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const rooms = OUTSIDE[specifier];
        return rooms === undefined || rooms.includes(file.room) ? [] : [`${file.path} imports ${specifier}`];
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it('what is pure knows no clock, no chance and no process', () => {
    const wrong = SOURCES.filter((file) => PURE_ROOMS.includes(file.room)).flatMap((file) => {
      const found = IMPURE.exec(withoutComments(file.text));
      return found === null ? [] : [`${file.path} uses ${found[0]}`];
    });
    assert.deepEqual(wrong, []);
  });

  it('every relative import leads to a source file', () => {
    const graph = new Map(
      SOURCES.map((file) => [
        file.path,
        file.imports.flatMap((specifier) => targetOf(file, specifier) ?? []),
      ]),
    );
    for (const [path, targets] of graph) {
      for (const target of targets)
        assert.ok(graph.has(target), `${path} imports ${target}, which is no source file`);
    }
  });

  it('every file says at its top why it exists', () => {
    const silent = SOURCES.filter((file) => !/^(?:#!.*\n)?\/\*\*/.test(file.text)).map((file) => file.path);
    assert.deepEqual(silent, []);
  });

  it('no file is longer than a reader can hold', () => {
    const long = SOURCES.filter((file) => file.text.split('\n').length > 300).map((file) => file.path);
    assert.deepEqual(long, []);
  });
});
