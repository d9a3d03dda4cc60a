/** A place in a recording is the same whether it was reached from the start, from a checkpoint or by the recorder. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Event } from '../../src/event/event.ts';
import { applyEvent, createModel, type Model } from '../../src/model/model.ts';
import type { Destination, SeekableTrace } from '../../src/model/seekable.ts';
import { readCheckpoint, writeCheckpoint } from '../../src/recording/checkpoint.ts';
import { decodeGraph, encodeGraph } from '../../src/recording/graph.ts';
import { openNearEnd } from '../../src/recording/last-state.ts';
import { packMember, readLabel } from '../../src/recording/member.ts';
import { openSeekable } from '../../src/recording/seek.ts';
import { createTracker } from '../../src/recording/tracker.ts';
import { createRecording } from '../../src/recording/writer.ts';
import { type Golden, readGoldens } from '../fixtures/golden.ts';
import { eventsOf } from '../fixtures/recordings.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { assertAsyncProperty, assertProperty } from '../property.ts';

const goldens = readGoldens();

/** Two models are the same if all that can be reached from them is. */
function shapeOf(model: Model): string {
  return encodeGraph({ ...model, header: null }).join('\n');
}

interface Written {
  readonly path: string;
  readonly model: Model;
}

/** Writes a golden recording's rows anew, with a checkpoint every few rows. */
async function record(context: TestContext, { header, rows }: Golden, batch = 5): Promise<Written> {
  const path = join(await temporaryDirectory(context), 'a.ndjson.gz');
  const writer = await createRecording(path, header, { checkpointCharacters: 1 });
  assert.ok(writer.ok);
  for (let at = 0; at < rows.length; at += batch) await writer.value.write(rows.slice(at, at + batch));
  await writer.value.finish({ complete: true, bad: 0 });
  return { path, model: writer.value.model };
}

function replay(golden: Golden, events: readonly Event[]): Model {
  const model = createModel(golden.header);
  for (const event of events) applyEvent(model, event);
  return model;
}

async function arrive(trace: SeekableTrace, destination: Destination) {
  const reached = await trace.seek(destination);
  const rest: Event[] = [];
  for await (const events of reached.batches) rest.push(...events);
  return { ...reached, rest };
}

async function open(path: string): Promise<SeekableTrace> {
  const trace = await openSeekable(path);
  assert.ok(trace.ok);
  return trace.value;
}

/** The recording with each checkpoint's version exchanged, as if an older whopins had made it. */
async function ofAnotherVersion(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const label = readLabel(bytes, at);
    assert.ok(label !== null);
    const member = bytes.subarray(at, at + label.bytes);
    const text = gunzipSync(member).toString();
    const isCheckpoint = label.kind === 'checkpoint';
    parts.push(
      isCheckpoint ? await packMember(text.replace(/"model":"[^"]*"/, '"model":"old"'), label) : member,
    );
    at += label.bytes;
  }
  return Buffer.concat(parts);
}

async function readNearEnd(path: string): Promise<{ readonly model: Model; readonly read: number }> {
  const remaining = await openNearEnd(path);
  assert.ok(remaining.ok);
  const { model, source } = remaining.value;
  let read = 0;
  for await (const events of source.batches) {
    for (const event of events) applyEvent(model, event);
    read += events.length;
  }
  return { model, read };
}

describe('every golden recording', () => {
  for (const golden of goldens) {
    it(`${golden.name}: the recorder, a replay and a seek to the end know the same`, async (t) => {
      const { path, model } = await record(t, golden);
      const events = await eventsOf(path);
      const end = await arrive(await open(path), { percent: 100 });
      assert.deepEqual(end.rest, []);
      assert.equal(shapeOf(end.model), shapeOf(replay(golden, events)));
      assert.equal(shapeOf(end.model), shapeOf(model));
    });

    it(`${golden.name}: what a report reads from the last checkpoint on is the whole recording`, async (t) => {
      const { path } = await record(t, golden);
      const events = await eventsOf(path);
      const { model } = await readNearEnd(path);
      assert.equal(shapeOf(model), shapeOf(replay(golden, events)));
    });
  }
});

describe('a place in a recording', () => {
  it('is the same from a checkpoint as from the start, and so is all that follows', async (t) => {
    for (const golden of goldens.slice(0, 4)) {
      const { path } = await record(t, golden, 7);
      const events = await eventsOf(path);
      const trace = await open(path);
      await assertAsyncProperty(
        fc.asyncProperty(fc.nat(events.length), async (count) => {
          const { model, position, rest } = await arrive(trace, { events: count });
          assert.equal(position.events, count);
          assert.deepEqual(rest, events.slice(count));
          assert.equal(shapeOf(model), shapeOf(replay(golden, events.slice(0, count))));
        }),
        12,
      );
    }
  });

  it('by time lies behind all that happened up to then, and ages are counted to it', async (t) => {
    const [golden] = goldens;
    assert.ok(golden !== undefined);
    const { path } = await record(t, golden);
    const trace = await open(path);
    for (const percent of [0, 12.5, 50, 99, 100]) {
      const ns = trace.from + ((trace.to - trace.from) * percent) / 100;
      const { model, rest, position } = await arrive(trace, { percent });
      assert.ok(position.ts <= ns);
      assert.ok(rest.every((event) => event.ts >= position.ts));
      assert.ok((rest[0]?.ts ?? Number.POSITIVE_INFINITY) > ns);
      assert.equal(model.coverage.now, Math.max(ns, position.ts));
    }
  });

  it('outside the recording is its nearer end', async (t) => {
    const [golden] = goldens;
    assert.ok(golden !== undefined);
    const trace = await open((await record(t, golden)).path);
    assert.equal((await arrive(trace, { events: -5 })).position.events, 0);
    assert.deepEqual((await arrive(trace, { percent: 400 })).rest, []);
  });

  it('is reached without the end of the recording, and without its index', async (t) => {
    const [golden] = goldens;
    assert.ok(golden !== undefined);
    const { path } = await record(t, golden);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 400));
    const trace = await open(path);
    const events = await eventsOf(path);
    const { model, rest } = await arrive(trace, { events: 20 });
    assert.deepEqual(rest, events.slice(20));
    assert.equal(shapeOf(model), shapeOf(replay(golden, events.slice(0, 20))));
  });

  it('is of no use to another version of the model, which reads all rows and comes to the same', async (t) => {
    const [golden] = goldens;
    assert.ok(golden !== undefined);
    const { path } = await record(t, golden);
    const events = await eventsOf(path);
    assert.ok((await readNearEnd(path)).read < events.length, 'ours is of use');
    await writeFile(path, await ofAnotherVersion(path));
    const { model, read } = await readNearEnd(path);
    assert.equal(read, events.length);
    assert.equal(shapeOf(model), shapeOf(replay(golden, events)));
  });

  it('is given up when the caller does not want it any more', async (t) => {
    const [golden] = goldens;
    assert.ok(golden !== undefined);
    const trace = await open((await record(t, golden)).path);
    await assert.rejects(trace.seek({ percent: 100 }, AbortSignal.abort(new Error('no more'))), /no more/);
  });
});

describe('a checkpoint', () => {
  const place = { rows: 1, events: 2, ts: 3 };
  const [golden] = goldens;
  const tracker = golden === undefined ? null : createTracker(golden.header);

  it('of another version of the model, or one that is not whole, is no checkpoint', () => {
    assert.ok(tracker !== null);
    const text = writeCheckpoint(place, tracker.state());
    const read = (changed: string) => readCheckpoint(Buffer.from(changed));
    assert.deepEqual(read(text)?.place, place);
    assert.equal(read(text.replace(/"model":"[0-9a-f]/, '"model":"x')), null);
    assert.equal(read(text.replace('"evicted":0', '"evicted":7')), null);
    assert.equal(read(text.split('\n').slice(0, -2).join('\n')), null);
    assert.deepEqual(read(text.slice(0, -1))?.place, place);
    assert.equal(read(text.slice(0, -2)), null);
    assert.equal(read(''), null);
  });

  it('gives back plain data of any shape', () => {
    const plain = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          null,
          undefined,
          true,
          0,
          -1.5,
          2 ** 60,
          Number.NaN,
          Number.POSITIVE_INFINITY,
          'x',
          '"\\\n',
          '',
        ),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 3 }), tie('value'), { maxKeys: 4 }),
        fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((items) => new Map(items)),
        fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
      ),
    })).value;
    assertProperty(
      fc.property(plain, (value) => {
        const root = { value, again: value, itself: null as unknown };
        root.itself = root;
        const back = decodeGraph(encodeGraph(root)) as typeof root;
        assert.equal(back.itself, back);
        assert.equal(
          typeof value === 'object' && value !== null,
          back.value === back.again && typeof back.value === 'object' && back.value !== null,
        );
        assert.deepEqual(JSON.stringify(encodeGraph(back)), JSON.stringify(encodeGraph(root)));
      }),
      300,
    );
  });

  it('objects of one shape are told by what is their own; what they share stays shared', () => {
    const nobody = new Set<number>();
    const things = Array.from({ length: 2500 }, (_, at) => ({
      at,
      kind: 'pin',
      ended: at % 10 === 0 ? at : null,
      holders: at === 7 ? new Set([at]) : nobody,
    }));
    const lines = encodeGraph(things);
    assert.deepEqual(decodeGraph(lines), things);
    const [first, second] = decodeGraph(lines) as typeof things;
    assert.equal(first?.holders, second?.holders);
    assert.ok(lines.join('').length < JSON.stringify(things).length / 2);
  });
});
