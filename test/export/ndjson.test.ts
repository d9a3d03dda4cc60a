/** Decoded events as NDJSON: each line is as the shipped schema says, and the schema is as the table of rows says. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { ROW_KINDS } from '../../src/event/schema.ts';
import { createEventStream } from '../../src/event/stream.ts';
import { eventToJsonLine, headerToJsonLine } from '../../src/export/ndjson.ts';
import { anyRow } from '../fixtures/arbitrary-rows.ts';
import { eventsOf, HEADER } from '../fixtures/recordings.ts';
import { assertProperty } from '../property.ts';
import { SCHEMA_FILE, schemaText } from './schema.ts';

const RECORDINGS = fileURLToPath(new URL('../recordings/', import.meta.url));
const recordings = readdirSync(RECORDINGS).filter((file) => file.endsWith('.ndjson.gz'));

/** The shipped schema, closed: outside, unknown fields are fine; a field that we write must be in it. */
function closedSchema(): Record<string, unknown> {
  return JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'), (_key, value) =>
    value?.type === 'object' && value.properties !== undefined
      ? { ...value, additionalProperties: false }
      : value,
  );
}

const validate = new Ajv2020({ strict: true }).compile(closedSchema());

function assertValid(line: string): void {
  assert.ok(line.endsWith('\n') && line.indexOf('\n') === line.length - 1, 'one line');
  const value: unknown = JSON.parse(line);
  assert.ok(validate(value), `${line}${JSON.stringify(validate.errors?.slice(0, 5))}`);
}

describe('events.schema.json', () => {
  it('is as the table of rows says: npm run schema', () => {
    assert.equal(readFileSync(SCHEMA_FILE, 'utf8'), schemaText());
  });

  it('has a description for every kind', () => {
    const { $defs } = JSON.parse(schemaText());
    for (const kind of ROW_KINDS) assert.ok($defs[kind].description.length > 10, kind);
  });

  it('refuses what is no event', () => {
    const [beat = ''] = ['{"kind":"beat","ts":1,"cpu":0,"pid":1,"tid":1,"comm":"x"}'];
    assert.ok(validate(JSON.parse(beat)));
    for (const change of [{ kind: 'bat' }, { ts: '1' }, { ts: -1 }, { comm: 7 }, { more: 1 }]) {
      assert.ok(!validate({ ...JSON.parse(beat), ...change }), JSON.stringify(change));
    }
  });
});

for (const name of recordings) {
  it(`${name}: every line is valid`, async () => {
    const events = await eventsOf(`${RECORDINGS}${name}`);
    assert.ok(events.length > 20);
    for (const event of events) assertValid(eventToJsonLine(event));
  });
}

it('the header is a valid line, whatever names are in it', () => {
  assertValid(headerToJsonLine(HEADER));
  assertValid(headerToJsonLine({ ...HEADER, command: ['a\nb', '\u2028"', '\ud800'], host: '{"kind"}' }));
});

it('whatever is in a stream becomes valid lines', () => {
  const anyLine = fc.oneof(
    { weight: 6, arbitrary: anyRow },
    fc.constant('{"type": "lost_events", "data": {"events": 7}}'),
    fc.constant('{"type": "map", "data": {"@fired": {"hello": 1, "__proto__": 2}}}'),
    fc.string({ unit: 'binary' }),
  );
  assertProperty(
    fc.property(fc.array(anyLine, { maxLength: 30 }), (lines) => {
      const stream = createEventStream(HEADER);
      for (const line of lines) {
        const bytes = Buffer.from(line);
        stream.addBytes(bytes, 0, bytes.length);
      }
      for (const event of stream.end('cut')) assertValid(eventToJsonLine(event));
    }),
    300,
  );
});
