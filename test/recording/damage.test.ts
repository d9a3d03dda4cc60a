/**
 * What is left of a recording that was cut or damaged: every row in front of the damage, every row behind it that is
 * whole, and a word about what is missing.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createEventStream } from '../../src/event/stream.ts';
import { applyEvent, createModel, reportAnswer } from '../../src/model/model.ts';
import { LABEL_BYTES, readLabel } from '../../src/recording/member.ts';
import { openRecording } from '../../src/recording/reader.ts';
import { openSeekable } from '../../src/recording/seek.ts';
import { readGoldens } from '../fixtures/golden.ts';
import { eventsOf, HEADER, type RecordedBeats, recordBeats } from '../fixtures/recordings.ts';
import { rowText } from '../fixtures/rows.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { createChance, timesOf } from '../property.ts';

interface Left {
  readonly rows: readonly number[];
  readonly bad: number;
  readonly isCut: boolean;
}

/** null: not even the header is left. */
async function leftOf(path: string): Promise<Left | null> {
  const recording = await openRecording(path);
  if (!recording.ok) {
    assert.match(recording.error, /^cannot read the recording [^\n]*$/);
    return null;
  }
  await recording.value.close();
  const events = await eventsOf(path);
  return {
    rows: events.flatMap((event) => (event.kind === 'beat' ? [event.tid] : [])),
    bad: events.filter((event) => event.kind === 'stream.bad').length,
    isCut: events.at(-1)?.kind === 'stream.cut',
  };
}

/** Where the members of rows end, and how many rows lie before there. */
function wholeRows(bytes: Buffer): readonly { readonly end: number; readonly rows: number }[] {
  const ends: { end: number; rows: number }[] = [];
  let rows = 0;
  for (let at = 0; at < bytes.length; ) {
    const label = readLabel(bytes, at);
    assert.ok(label !== null);
    const text = gunzipSync(bytes.subarray(at, at + label.bytes)).toString();
    rows += text.split('\n').filter((line) => line.includes('"beat"') && !line.includes('whopins')).length;
    at += label.bytes;
    ends.push({ end: at, rows });
  }
  return ends;
}

function assertPrefix({ bytes }: RecordedBeats, length: number, left: Left | null): void {
  const members = wholeRows(bytes).filter(({ end }) => end <= length);
  if (left === null) {
    assert.equal(members.length, 0, `cut at ${length}: a whole header is read`);
    return;
  }
  assert.deepEqual(
    left.rows,
    left.rows.map((_, index) => index + 1),
    `cut at ${length}: in order, none missing`,
  );
  assert.ok(left.rows.length >= (members.at(-1)?.rows ?? 0), `cut at ${length}: what is whole is read`);
  assert.equal(left.bad, 0, `cut at ${length}: nothing is said to be damaged`);
  assert.equal(left.isCut, true, `cut at ${length}: said`);
}

describe('a recording that was cut', () => {
  it('at every byte of a small one is read to its last whole row', async (t) => {
    const made = await recordBeats(t, 3, 3);
    for (let length = 0; length < made.bytes.length; length++) {
      await writeFile(made.path, made.bytes.subarray(0, length));
      assertPrefix(made, length, await leftOf(made.path));
    }
  });

  it('at some bytes of a large one, too, and can be entered anywhere', async (t) => {
    const made = await recordBeats(t, 12, 3000);
    const chance = createChance();
    const members = wholeRows(made.bytes);
    assert.equal(members.at(-1)?.rows, 36_000);
    for (let time = timesOf(50); time > 0; time--) {
      const length = Math.floor(chance() * made.bytes.length);
      await writeFile(made.path, made.bytes.subarray(0, length));
      const left = await leftOf(made.path);
      const whole = members.findLast(({ end }) => end <= length)?.rows ?? 0;
      assert.ok((left?.rows.length ?? 0) >= whole, `cut at ${length}`);
      assert.deepEqual(
        left?.rows ?? [],
        Array.from({ length: left?.rows.length ?? 0 }, (_, index) => index + 1),
      );
      assert.notEqual(left?.isCut, false);
      if (left === null || left.rows.length === 0) continue;
      const trace = await openSeekable(made.path);
      assert.ok(trace.ok);
      const events = Math.floor(chance() * left.rows.length);
      const reached = await trace.value.seek({ events });
      assert.equal(reached.position.events, events);
      for await (const _events of reached.batches) break;
    }
  });
});

describe('a recording with damaged bytes', () => {
  it('loses the member that they are in, and says so', async (t) => {
    const made = await recordBeats(t, 6, 40);
    const chance = createChance();
    const members = wholeRows(made.bytes);
    const headerEnd = members[0]?.end ?? 0;
    for (let time = timesOf(150); time > 0; time--) {
      const at = headerEnd + Math.floor(chance() * (made.bytes.length - headerEnd));
      const damaged = Buffer.from(made.bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 + Math.floor(chance() * 255));
      await writeFile(made.path, damaged);
      const left = await leftOf(made.path);
      assert.ok(left !== null);
      const hit = members.findIndex(({ end }) => at < end);
      const from = members[hit - 1]?.rows ?? 0;
      const to = members[hit]?.rows ?? 0;
      const outside = left.rows.filter((row) => row <= from || row > to);
      assert.equal(outside.length, 240 - (to - from), `byte ${at}: the neighbours are intact`);
      const missing = to - from - (left.rows.length - outside.length);
      if (missing > 0) assert.ok(left.bad > 0 || left.isCut, `byte ${at}: the missing rows are told`);
    }
  });

  it('even where they are the ones that say how long a header is', async (t) => {
    const made = await recordBeats(t, 4, 40);
    const chance = createChance();
    const members = wholeRows(made.bytes);
    for (const [index, { end: begin, rows: from }] of members.slice(0, -1).entries()) {
      const to = members[index + 1]?.rows ?? 0;
      for (let at = begin; at < begin + LABEL_BYTES; at++) {
        const damaged = Buffer.from(made.bytes);
        damaged[at] = (damaged[at] ?? 0) ^ (1 + Math.floor(chance() * 255));
        await writeFile(made.path, damaged);
        const left = await leftOf(made.path);
        const outside = left?.rows.filter((row) => row <= from || row > to) ?? [];
        assert.equal(outside.length, 160 - (to - from), `byte ${at}: the neighbours are intact`);
        const isWhole = left?.rows.length === 160;
        assert.ok(isWhole || (left?.bad ?? 0) > 0 || left?.isCut, `byte ${at}: what is missing is told`);
      }
    }
  });
});

describe('mutated rows', () => {
  /** What a mutation puts in, takes out, or exchanges. */
  const PIECES = [
    '',
    '"',
    '\\',
    ',',
    ']',
    '}',
    '[',
    '-',
    '0',
    '9'.repeat(20),
    'null',
    '\u0000',
    '\ufffd',
    '1e9',
    '\\u0',
  ];

  it('never throw, and their neighbours are what they were', () => {
    const chance = createChance();
    const rows = readGoldens().flatMap((golden) => golden.rows);
    const beat = (tid: number) => rowText('beat', { ts: 1e9, tid });
    for (let time = timesOf(50_000); time > 0; time--) {
      const row = rows[Math.floor(chance() * rows.length)] ?? '';
      const at = Math.floor(chance() * row.length);
      const piece = PIECES[Math.floor(chance() * PIECES.length)] ?? '';
      const mutated = (row.slice(0, at) + piece + row.slice(at + Math.floor(chance() * 4))).replaceAll(
        '\n',
        '',
      );
      const stream = createEventStream(HEADER);
      for (const text of [beat(1), mutated, beat(2)]) {
        const bytes = Buffer.from(text);
        stream.addBytes(bytes, 0, bytes.length);
      }
      const beats = stream
        .end('')
        .flatMap((event) => (event.kind === 'beat' && event.ts === 1e9 ? [event.tid] : []));
      assert.ok(beats.includes(1) && beats.includes(2), mutated);
    }
  });

  it('in a recording are counted where they are no rows, and the report is made all the same', async (t) => {
    const chance = createChance();
    const path = join(await temporaryDirectory(t), 'a.ndjson.gz');
    const goldens = readGoldens();
    for (let time = timesOf(25); time > 0; time--) {
      const golden = goldens[time % goldens.length];
      assert.ok(golden !== undefined);
      const rows = golden.rows.map((row) => {
        if (chance() > 0.2) return row;
        const at = Math.floor(chance() * row.length);
        return row.slice(0, at) + (PIECES[Math.floor(chance() * PIECES.length)] ?? '') + row.slice(at + 1);
      });
      const text = `${JSON.stringify(golden.header)}\n${rows.map((row) => `${row}\n`).join('')}`;
      await writeFile(path, gzipSync(text));
      const model = createModel(golden.header);
      for (const event of await eventsOf(path)) applyEvent(model, event);
      const { seen, bad } = reportAnswer(model).rows;
      assert.ok(seen + bad > 0);
    }
  });
});
