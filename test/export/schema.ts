/**
 * `npm run schema`: writes src/export/events.schema.json, the shape of every line of `export --to ndjson`, from the
 * table of all rows and from the comments in it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { StreamEvent } from '../../src/event/event.ts';
import { COMMON, type Columns, type ColumnType, ROW_KINDS, SCHEMA } from '../../src/event/schema.ts';

export const SCHEMA_FILE = fileURLToPath(new URL('../../src/export/events.schema.json', import.meta.url));
const TABLE = fileURLToPath(new URL('../../src/event/schema.ts', import.meta.url));

type Schema = Readonly<Record<string, unknown>>;

const COLUMN_SCHEMAS: Readonly<Record<ColumnType, Schema>> = {
  int: { type: 'integer' },
  ptr: { $ref: '#/$defs/ptr' },
  dev: { $ref: '#/$defs/dev' },
  ino: { $ref: '#/$defs/ino' },
  str: { type: 'string' },
};

const COUNT: Schema = { type: 'integer', minimum: 0 };
const TEXT: Schema = { type: 'string' };

/** A new kind of event is missing here until it is described. */
type StreamLine = StreamEvent['kind'] | 'stream.header';

/** What the stream says about itself: `Header` and `StreamEvent` in src/event. */
const STREAM_LINES: Readonly<Record<StreamLine, readonly [description: string, properties: Schema]>> = {
  'stream.header': [
    'The first line: what was traced, and what this trace cannot see.',
    {
      schema: COUNT,
      kernel: TEXT,
      bpftrace: TEXT,
      host: TEXT,
      clock: object('Both clocks read together, nanoseconds: ts - boottime_ns + realtime_ns is wall time.', {
        boottime_ns: { type: 'number' },
        realtime_ns: { type: 'number' },
      }),
      mounts: list(object('A mounted file system.', { dev: TEXT, path: TEXT, fs: TEXT, root: TEXT })),
      pointers: { enum: ['renumbered', 'raw'] },
      command: { oneOf: [{ type: 'null' }, list(TEXT)] },
      not_covered: list(object('A path that this run could not see, and why.', { path: TEXT, reason: TEXT })),
    },
  ],
  'stream.lost': ["bpftrace lost rows here: the kernel's buffer was full.", { ts: COUNT, rows: COUNT }],
  'stream.fired': [
    "The kernel's own counters of rows by kind. `final`: they were read after the last row.",
    { ts: COUNT, counts: { type: 'object', additionalProperties: COUNT }, final: { type: 'boolean' } },
  ],
  'stream.bad': ['A row that could not be decoded, and what was wrong with it.', { ts: COUNT, why: TEXT }],
  'stream.late': ['The row after this one came too late to be put in order.', { ts: COUNT, behindNs: COUNT }],
  'stream.seam': [
    'Two recordings were joined here: what follows is another trace.',
    { ts: COUNT, why: TEXT },
  ],
  'stream.cut': ['The trace broke off before its last row.', { ts: COUNT, why: TEXT }],
};

/** The schema as the shipped file holds it. */
export function schemaText(): string {
  const comments = readComments();
  const rows = ROW_KINDS.map((kind) => [kind, rowSchema(kind, comments.get(kind) ?? endOf(kind))] as const);
  const streams = Object.entries(STREAM_LINES).map(
    ([kind, [description, properties]]) => [kind, lineSchema(kind, description, properties)] as const,
  );
  const lines = [...streams, ...rows];
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'whopins events',
    description:
      'One line of `whopins export FILE --to ndjson`. Written by `npm run schema`. Fields and kinds may be added: readers leave aside what they do not know.',
    oneOf: lines.map(([kind]) => ({ $ref: `#/$defs/${kind}` })),
    $defs: {
      ptr: {
        type: 'integer',
        description: 'A kernel address as a signed number, or its number in a recording that renumbers them.',
      },
      dev: { type: 'string', pattern: '^[0-9]+:[0-9]+$', description: 'A device as major:minor.' },
      ino: {
        oneOf: [
          { type: 'integer', minimum: 0 },
          { type: 'string', pattern: '^[0-9]+$' },
        ],
        description: 'An inode number; text only where it exceeds 2^53.',
      },
      ...Object.fromEntries(lines),
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** The table says nothing of ends that only mirror their beginning. */
function endOf(kind: string): string {
  return kind.endsWith('.ended') ? `The end of what ${kind.replace('.ended', '.began')} told.` : '';
}

function rowSchema(kind: keyof typeof SCHEMA, description: string): Schema {
  const columns: Columns = { ...COMMON, ...SCHEMA[kind] };
  const entries = Object.entries(columns).map(([name, type]) => [
    name,
    name === 'ts' ? { ...COUNT, description: 'Nanoseconds of CLOCK_BOOTTIME.' } : COLUMN_SCHEMAS[type],
  ]);
  return lineSchema(kind, description, Object.fromEntries(entries));
}

function lineSchema(kind: string, description: string, properties: Schema): Schema {
  return object(description, { kind: { const: kind }, ...properties });
}

function object(description: string, properties: Schema): Schema {
  return { type: 'object', description, required: Object.keys(properties), properties };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** The comments of the table, by row kind. */
function readComments(): ReadonlyMap<string, string> {
  const source = ts.createSourceFile(TABLE, readFileSync(TABLE, 'utf8'), ts.ScriptTarget.Latest, true);
  const comments = new Map<string, string>();
  function visit(node: ts.Node): void {
    if (ts.isPropertyAssignment(node) && node.name !== undefined) {
      const [comment] = ts.getJSDocCommentsAndTags(node);
      const text = ts.getTextOfJSDocComment(comment?.comment);
      const kind = ts.isStringLiteral(node.name) || ts.isIdentifier(node.name) ? node.name.text : '';
      if (text !== undefined && !comments.has(kind)) comments.set(kind, text.replace(/\s+/g, ' '));
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  return comments;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(SCHEMA_FILE, schemaText());
