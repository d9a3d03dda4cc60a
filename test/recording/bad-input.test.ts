/** Files that are no recording, half a recording, or two: one line and no more, or all that can be read and why not more. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { applyEvent, createModel, reportAnswer } from '../../src/model/model.ts';
import { openRecording } from '../../src/recording/reader.ts';
import { openSeekable } from '../../src/recording/seek.ts';
import { createRecording } from '../../src/recording/writer.ts';
import { readGoldens } from '../fixtures/golden.ts';
import { eventsOf, HEADER, packMembers, writeBytes } from '../fixtures/recordings.ts';
import { rowText } from '../fixtures/rows.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';

const run = promisify(execFile);
const HEADER_LINE = JSON.stringify(HEADER);
const beat = (seconds: number, tid = seconds) => rowText('beat', { ts: seconds * 1e9, tid });

async function errorOf(path: string): Promise<string> {
  const opened = await openRecording(path);
  assert.ok(!opened.ok);
  assert.match(opened.error, /^cannot read the recording [^\n]+$/);
  return opened.error;
}

describe('what is no recording', () => {
  it('is refused in one line: foreign gzip, plain text, an empty file, a newer format', async (t) => {
    assert.match(await errorOf(await writeBytes(t, gzipSync('tar, perhaps\n'))), /not a whopins header/);
    assert.match(await errorOf(await writeBytes(t, 'Dear all,\nhere is a trace.\n')), /not a whopins header/);
    assert.match(await errorOf(await writeBytes(t, '')), /not even one whole line/);
    const newer = JSON.stringify({ ...HEADER, format: 99 });
    assert.match(
      await errorOf(await writeBytes(t, packMembers([[newer]]))),
      /a newer whopins made it.*update/,
    );
  });

  it('a pipe that nobody writes to is not waited for', async (t) => {
    const pipe = join(await temporaryDirectory(t), 'pipe');
    await run('mkfifo', [pipe]);
    assert.match(await errorOf(pipe), /not even one whole line/);
  });
});

it('a pipe is read once, and cannot be entered at a moment', async (t) => {
  const pipe = join(await temporaryDirectory(t), 'pipe');
  await run('mkfifo', [pipe]);
  const send = () => createWriteStream(pipe).end(packMembers([[HEADER_LINE, beat(1), beat(2)]]));
  send();
  assert.deepEqual(
    (await eventsOf(pipe)).map(({ kind }) => kind),
    ['beat', 'beat', 'stream.cut'],
  );
  send();
  const trace = await openSeekable(pipe);
  assert.ok(!trace.ok);
  assert.match(trace.error, /can be read only once; copy it to a file first/);
});

it('a clock that jumps back makes late rows, and loses none', async (t) => {
  const rows = [beat(1), beat(2), beat(500), beat(501), beat(3), beat(4), beat(502)];
  const events = await eventsOf(await writeBytes(t, packMembers([[HEADER_LINE, ...rows]])));
  assert.equal(events.filter(({ kind }) => kind === 'beat').length, rows.length);
  assert.equal(events.filter(({ kind }) => kind === 'stream.late').length, 2);
});

it('garbage between rows is counted, line by line', async (t) => {
  const lines = [
    HEADER_LINE,
    beat(1),
    'Nov 22 kernel: oops',
    beat(2),
    '\u0000\u0000',
    '{"whopins":"?"}',
    beat(3),
  ];
  const events = await eventsOf(await writeBytes(t, packMembers([lines])));
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['beat', 'stream.bad', 'beat', 'stream.bad', 'beat', 'stream.cut'],
  );
});

describe('two recordings joined by cat', () => {
  it('are both read, and the seam is told', async (t) => {
    const [one, other] = readGoldens();
    assert.ok(one !== undefined && other !== undefined);
    const directory = await temporaryDirectory(t);
    const parts: Buffer[] = [];
    for (const [index, { header, rows }] of [one, other].entries()) {
      const path = join(directory, `${index}.ndjson.gz`);
      const writer = await createRecording(path, header, { checkpointCharacters: 1000 });
      assert.ok(writer.ok);
      await writer.value.write(rows);
      await writer.value.finish({ complete: true, bad: 0 });
      parts.push(await readFile(path));
    }
    const both = join(directory, 'both.ndjson.gz');
    await writeFile(both, Buffer.concat(parts));
    const events = await eventsOf(both);
    assert.equal(events.filter(({ kind }) => kind === 'hello').length, 2);
    assert.equal(events.filter(({ kind }) => kind === 'bye').length, 2);
    const seams = events.flatMap((event) => (event.kind === 'stream.seam' ? [event.why] : []));
    assert.deepEqual(seams, [
      `another recording begins (${other.header.host}, Linux ${other.header.kernel})`,
    ]);
    const model = createModel(one.header);
    for (const event of events) applyEvent(model, event);
    const { reasons } = reportAnswer(model);
    assert.ok(reasons.some((reason) => reason.includes('there is a seam')));
    const trace = await openSeekable(both);
    assert.ok(trace.ok);
    const { position, batches } = await trace.value.seek({ events: events.length - 5 });
    assert.equal(position.events, events.length - 5);
    let rest = 0;
    for await (const batch of batches) rest += batch.length;
    assert.equal(rest, 5);
  });

  it('also where the first one was cut', async (t) => {
    const cut = packMembers([[HEADER_LINE, beat(1)]]);
    const events = await eventsOf(
      await writeBytes(t, Buffer.concat([cut, packMembers([[HEADER_LINE, beat(2)]])])),
    );
    const seam = events.find((event) => event.kind === 'stream.seam');
    assert.match(seam?.why ?? '', /and the one before it was cut/);
  });
});
