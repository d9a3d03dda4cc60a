import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Event } from '../../src/event/event.ts';
import { openRecording, readEvents } from '../../src/recording/reader.ts';
import { eventsOf, HEADER, packMembers, writeBytes } from '../fixtures/recordings.ts';
import { firedText, rowText } from '../fixtures/rows.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';

const HEADER_LINE = JSON.stringify(HEADER);
const ENDING_LINE = '{"whopins":"end","complete":true,"rows":{"written":4,"bad":0}}';
const beat = (n: number) => rowText('beat', { ts: n * 1e9, tid: n });

function tids(events: readonly Event[]): number[] {
  return events.flatMap((event) => (event.kind === 'beat' ? [event.tid] : []));
}

function count(events: readonly Event[], kind: Event['kind']): number {
  return events.filter((event) => event.kind === kind).length;
}

async function readError(path: string): Promise<string> {
  const recording = await openRecording(path);
  assert.ok(!recording.ok);
  assert.ok(!recording.error.includes('\n'), 'one line');
  return recording.error;
}

describe('a whole recording', () => {
  const lines = [
    HEADER_LINE,
    rowText('hello', { ts: 1e9 }),
    beat(2),
    rowText('bye', { ts: 3e9 }),
    firedText({ beat: 1 }),
  ];

  it('is read from gzip members and from plain lines alike', async (t) => {
    const packed = await eventsOf(
      await writeBytes(t, packMembers([lines.slice(0, 2), lines.slice(2), [ENDING_LINE]])),
    );
    const plain = await eventsOf(await writeBytes(t, [...lines, ENDING_LINE, ''].join('\n')));
    assert.deepEqual(
      packed.map((event) => event.kind),
      ['hello', 'beat', 'bye', 'stream.fired'],
    );
    assert.deepEqual(plain, packed);
  });

  it('gives back its header', async (t) => {
    const recording = await openRecording(await writeBytes(t, packMembers([lines])));
    assert.ok(recording.ok);
    assert.deepEqual(recording.value.header, HEADER);
    await recording.value.close();
  });

  it('can be read again from the start, as stepping back in a replay does', async (t) => {
    const recording = await openRecording(await writeBytes(t, packMembers([lines, [ENDING_LINE]])));
    assert.ok(recording.ok);
    const { batches } = readEvents(recording.value);
    for (const _time of [1, 2, 3]) {
      const events: Event[] = [];
      for await (const batch of batches) events.push(...batch);
      assert.equal(events.length, 4);
    }
  });

  it('may have blank lines and carriage returns', async (t) => {
    const events = await eventsOf(await writeBytes(t, [...lines, '', ENDING_LINE, ''].join('\r\n')));
    assert.equal(count(events, 'stream.bad'), 0);
    assert.deepEqual(tids(events), [2]);
  });
});

describe('a recording without its end', () => {
  it('is read to its last whole row, wherever it is cut', async (t) => {
    const members = [
      [HEADER_LINE],
      [beat(1), beat(2)],
      [beat(3)],
      [rowText('bye', { ts: 4e9 }), ENDING_LINE],
    ];
    const bytes = packMembers(members);
    const headerEnd = packMembers(members.slice(0, 1)).length;
    const ends = [2, 3].map((n) => packMembers(members.slice(0, n)).length);
    const path = join(await temporaryDirectory(t), 'cut.ndjson.gz');
    let before = 0;
    for (let length = headerEnd; length < bytes.length; length++) {
      await writeFile(path, bytes.subarray(0, length));
      const events = await eventsOf(path);
      const seen = tids(events);
      assert.deepEqual(seen, [1, 2, 3].slice(0, seen.length), `cut at ${length}`);
      assert.ok(seen.length >= before, `cut at ${length}: rows of the shorter file are there`);
      before = seen.length;
      if (length >= (ends[0] ?? 0))
        assert.ok(seen.length >= 2, `cut at ${length}: the finished member is there`);
      if (length >= (ends[1] ?? 0))
        assert.ok(seen.length >= 3, `cut at ${length}: the finished members are there`);
      assert.equal(count(events, 'stream.bad'), 0, `cut at ${length}`);
      if (count(events, 'bye') === 0) assert.equal(events.at(-1)?.kind, 'stream.cut', `cut at ${length}`);
    }
  });

  it('is refused in one line while not even its header is whole', async (t) => {
    const bytes = packMembers([[HEADER_LINE]]);
    const path = join(await temporaryDirectory(t), 'cut.ndjson.gz');
    for (let length = 1; length < bytes.length - 30; length += 7) {
      await writeFile(path, bytes.subarray(0, length));
      assert.match(await readError(path), /^cannot read the recording .*: .*; .*$/);
    }
  });

  it('tells why, where the ending knows', async (t) => {
    const ending =
      '{"whopins":"end","complete":false,"rows":{"written":1,"bad":0},"why":"bpftrace was killed"}';
    const events = await eventsOf(await writeBytes(t, packMembers([[HEADER_LINE, beat(1), ending]])));
    assert.deepEqual(events.at(-1), { kind: 'stream.cut', ts: 1e9, why: 'bpftrace was killed' });
  });
});

describe('a damaged recording', () => {
  const members = [
    [HEADER_LINE],
    [beat(1), beat(2)],
    [beat(3)],
    [beat(4), rowText('bye', { ts: 5e9 }), ENDING_LINE],
  ];

  it('loses the damaged member and nothing else', async (t) => {
    const bytes = packMembers(members);
    const from = packMembers(members.slice(0, 2)).length;
    const to = packMembers(members.slice(0, 3)).length;
    const path = join(await temporaryDirectory(t), 'damaged.ndjson.gz');
    for (let at = from + 10; at < to; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      await writeFile(path, damaged);
      const events = await eventsOf(path);
      assert.deepEqual(
        tids(events).filter((tid) => tid !== 3),
        [1, 2, 4],
        `byte ${at}`,
      );
      assert.ok(count(events, 'stream.bad') > 0 || tids(events).includes(3), `byte ${at}: told`);
      assert.equal(count(events, 'bye'), 1, `byte ${at}`);
    }
  });

  it('is read on, whichever byte after its header is changed', async (t) => {
    const bytes = packMembers(members);
    const from = packMembers(members.slice(0, 1)).length;
    const path = join(await temporaryDirectory(t), 'damaged.ndjson.gz');
    for (let at = from; at < bytes.length; at += 3) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      await writeFile(path, damaged);
      const seen = new Set(tids(await eventsOf(path)));
      const intact = [[1, 2], [3], [4]].filter((member) => member.every((tid) => seen.has(tid)));
      assert.ok(intact.length >= 2, `byte ${at}: only one member is lost`);
    }
  });

  it('may have zeros or rubbish behind it', async (t) => {
    for (const tail of [Buffer.alloc(512), Buffer.from('rubbish\n')]) {
      assert.deepEqual(
        tids(await eventsOf(await writeBytes(t, Buffer.concat([packMembers(members), tail])))),
        [1, 2, 3, 4],
      );
    }
  });

  it('goes on after a row that is not JSON, or null, or far too long', async (t) => {
    const rows = [
      beat(1),
      '{"type": "value", "da',
      beat(2),
      'null',
      beat(3),
      `"${'x'.repeat(5 << 20)}"`,
      beat(4),
    ];
    const events = await eventsOf(await writeBytes(t, packMembers([[HEADER_LINE, ...rows]])));
    assert.deepEqual(tids(events), [1, 2, 3, 4]);
    assert.equal(count(events, 'stream.bad'), 3);
  });
});

describe('a file that is no recording', () => {
  const refused = async (t: TestContext, bytes: Buffer | string) => readError(await writeBytes(t, bytes));

  it('is refused in one line that says what to do', async (t) => {
    assert.match(
      await readError('/no/such/file'),
      /cannot read the recording \/no\/such\/file: there is no such file/,
    );
    assert.match(await readError('/'), /it is a directory/);
    assert.match(await refused(t, ''), /not even one whole line; record again/);
    assert.match(await refused(t, 'hello\nworld\n'), /not a whopins header/);
    assert.match(await refused(t, gzipSync('{"type":"value"}\n')), /not a whopins header/);
    assert.match(await refused(t, Buffer.from([0x1f, 0x8b, 0xff, 0xff, 1, 2, 3])), /not even one whole line/);
    assert.match(await refused(t, Buffer.alloc(300_000)), /not even one whole line/);
  });

  it('is refused when a newer whopins made it', async (t) => {
    const newer = JSON.stringify({ ...HEADER, format: 99 });
    assert.match(await refused(t, packMembers([[newer]])), /a newer whopins made it \(format 99.*update/);
  });
});

describe('a recording that grows', () => {
  it('is followed to its ending', async (t) => {
    const path = await writeBytes(t, `${HEADER_LINE.slice(0, 20)}`);
    const never = new AbortController();
    const opening = openRecording(path, never.signal);
    await appendFile(path, `${HEADER_LINE.slice(20)}\n${beat(1)}\n${beat(2)}\n`);
    const recording = await opening;
    assert.ok(recording.ok);
    const seen: Event[] = [];
    let appended = false;
    for await (const batch of readEvents(recording.value).batches) {
      seen.push(...batch);
      if (appended) continue;
      appended = true;
      await appendFile(path, `${beat(3)}\n${rowText('bye', { ts: 4e9 })}\n${ENDING_LINE}\n`);
    }
    assert.deepEqual(tids(seen), [1, 2, 3]);
    assert.equal(seen.at(-1)?.kind, 'bye');
  });

  it('ends when it is no longer followed', async (t) => {
    const path = await writeBytes(t, `${HEADER_LINE}\n${beat(1)}\n`);
    const stop = new AbortController();
    const recording = await openRecording(path, stop.signal);
    assert.ok(recording.ok);
    stop.abort();
    const seen: Event[] = [];
    for await (const batch of readEvents(recording.value).batches) seen.push(...batch);
    assert.deepEqual(tids(seen), [1]);
    assert.equal(seen.at(-1)?.kind, 'stream.cut');
  });
});
