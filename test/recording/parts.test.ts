/** Recordings in parts: rotation, the ring of the last ones, and what `cat` makes of them. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Event } from '../../src/event/event.ts';
import { applyEvent, reportAnswer } from '../../src/model/model.ts';
import type { Rotation } from '../../src/recording/rotation.ts';
import { openSeekable } from '../../src/recording/seek.ts';
import { createRecording } from '../../src/recording/writer.ts';
import { readGoldens } from '../fixtures/golden.ts';
import { eventsOf, HEADER } from '../fixtures/recordings.ts';
import { rowText } from '../fixtures/rows.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';

const SMALL: Rotation = { maxBytes: 1, maxMs: null, keep: null };

/** Each batch of beats fills a part. */
async function record(path: string, batches: number, rotation: Rotation = SMALL): Promise<void> {
  const writer = await createRecording(path, HEADER, { rotation });
  assert.ok(writer.ok);
  for (let n = 1; n <= batches; n++) {
    assert.ok((await writer.value.write([rowText('beat', { ts: n * 1e9, tid: n })])).ok);
  }
  await writer.value.finish({ complete: true, bad: 0 });
}

async function place(context: TestContext): Promise<string> {
  return join(await temporaryDirectory(context), 'trace.ndjson.gz');
}

const tids = (events: readonly Event[]) =>
  events.flatMap((event) => (event.kind === 'beat' ? [event.tid] : []));
const kinds = (events: readonly Event[]) => new Set(events.map((event) => event.kind));

async function joined(path: string, directory: string): Promise<string> {
  const files = (await readdir(directory)).sort();
  const all = join(directory, 'all.ndjson.gz');
  await writeFile(
    all,
    Buffer.concat(await Promise.all(files.map((file) => readFile(join(directory, file))))),
  );
  return path === '' ? '' : all;
}

describe('rotation', () => {
  it('begins a new file when one is full; each is whole, private, and says where it goes on', async (t) => {
    const path = await place(t);
    await record(path, 3);
    const directory = join(path, '..');
    const files = (await readdir(directory)).sort();
    assert.deepEqual(
      files,
      [1, 2, 3, 4].map((n) => `trace-000${n}.ndjson.gz`),
    );
    for (const [index, file] of files.slice(0, 3).entries()) {
      const events = await eventsOf(join(directory, file));
      assert.ok(tids(events).includes(index + 1));
      assert.match(JSON.stringify(events.at(-1)), new RegExp(`it goes on in .*trace-000${index + 2}`));
      assert.equal((await stat(join(directory, file))).mode & 0o777, 0o600);
    }
  });

  it('by time', async (t) => {
    const path = await place(t);
    await record(path, 2, { maxBytes: null, maxMs: 0, keep: null });
    assert.equal((await readdir(join(path, '..'))).length, 3);
  });

  it('keeps the last files only, and goes on with the numbers of an earlier run', async (t) => {
    const path = await place(t);
    const ring: Rotation = { ...SMALL, keep: 2 };
    await record(path, 5, ring);
    const directory = join(path, '..');
    assert.deepEqual((await readdir(directory)).sort(), ['trace-0005.ndjson.gz', 'trace-0006.ndjson.gz']);
    const before = await readFile(join(directory, 'trace-0006.ndjson.gz'));
    await record(path, 1, { ...SMALL, keep: 9 });
    assert.deepEqual(
      (await readdir(directory)).sort(),
      [5, 6, 7, 8].map((n) => `trace-000${n}.ndjson.gz`),
    );
    assert.deepEqual(await readFile(join(directory, 'trace-0006.ndjson.gz')), before);
  });
});

describe('parts joined by cat', () => {
  it('are one recording again, without a seam', async (t) => {
    const path = await place(t);
    await record(path, 4);
    const events = await eventsOf(await joined(path, join(path, '..')));
    assert.deepEqual(tids(events), [1, 2, 3, 4]);
    assert.ok(!kinds(events).has('stream.seam'));
    assert.ok(!kinds(events).has('stream.bad'));
  });

  it('have a seam where one is missing', async (t) => {
    const path = await place(t);
    await record(path, 4);
    const directory = join(path, '..');
    const bytes = await Promise.all([1, 3].map((n) => readFile(join(directory, `trace-000${n}.ndjson.gz`))));
    await writeFile(path, Buffer.concat(bytes));
    const events = await eventsOf(path);
    assert.deepEqual(
      events.filter((event) => event.kind === 'beat' || event.kind === 'stream.seam').map(({ kind }) => kind),
      ['beat', 'stream.seam', 'beat'],
    );
  });
});

describe('a part alone', () => {
  it('knows what lived before it began', async (t) => {
    const golden = readGoldens().find(({ name }) => name.startsWith('rdma-handed-over'));
    assert.ok(golden !== undefined);
    const path = await place(t);
    const writer = await createRecording(path, golden.header, { rotation: SMALL });
    assert.ok(writer.ok);
    const { rows } = golden;
    for (let at = 0; at < rows.length; at += 8) await writer.value.write(rows.slice(at, at + 8));
    await writer.value.finish({ complete: true, bad: 0 });
    const whole = reportAnswer(writer.value.model).findings.map(({ id, text }) => ({ id, text }));
    const trace = await openSeekable(writer.value.path());
    assert.ok(trace.ok);
    const { model, batches } = await trace.value.seek({ events: 0 });
    for await (const events of batches) for (const event of events) applyEvent(model, event);
    assert.ok(whole.length > 0);
    assert.deepEqual(
      reportAnswer(model).findings.map(({ id, text }) => ({ id, text })),
      whole,
    );
  });
});
