/** A disk that fails under a recording: what it keeps back costs the rows that lie there, and is said. */
import assert from 'node:assert/strict';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readLabel } from '../../src/recording/member.ts';
import { readPieces } from '../../src/recording/member-reader.ts';
import { openRecording } from '../../src/recording/reader.ts';
import { createRecording } from '../../src/recording/writer.ts';
import { openings } from '../fixtures/openings.ts';
import { HEADER, recordBeats } from '../fixtures/recordings.ts';

const DEVICE_BLOCK_BYTES = 4096;

/** The file, on a device of which one block cannot be read: as the kernel does it, what lies before it is given. */
function withBadBlock(file: FileHandle, block: number): FileHandle {
  const from = block * DEVICE_BLOCK_BYTES;
  async function read(room: Buffer, offset: number, length: number, at: number) {
    if (at >= from && at < from + DEVICE_BLOCK_BYTES) {
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    }
    return file.read(room, offset, at < from ? Math.min(length, from - at) : length, at);
  }
  return new Proxy(file, {
    get: (target, name) => (name === 'read' ? read : Reflect.get(target, name).bind(target)),
  });
}

function beatsIn(text: string): readonly number[] {
  return [...text.matchAll(/"beat",\d+,\d+,\d+,(\d+)/g)].map(([, tid]) => Number(tid));
}

/** The beats of the members that lie in none of the block's bytes. */
async function beatsBeside(path: string, block: number): Promise<readonly number[]> {
  const bytes = await readFile(path);
  const touched = (at: number, end: number) =>
    at < (block + 1) * DEVICE_BLOCK_BYTES && end > block * DEVICE_BLOCK_BYTES;
  const beats: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const label = readLabel(bytes, at);
    assert.ok(label !== null);
    const end = at + label.bytes;
    if (label.kind === 'rows' && !touched(at, end))
      beats.push(...beatsIn(gunzipSync(bytes.subarray(at, end)).toString()));
    at = end;
  }
  return beats;
}

describe('a recording on a failing disk', () => {
  it('gives every row of the members beside a block that cannot be read, and says that something is missing', async (t) => {
    const { path } = await recordBeats(t, 50, 100);
    const file = await open(path);
    t.after(() => file.close());
    const blocks = Math.ceil((await file.stat()).size / DEVICE_BLOCK_BYTES);
    assert.ok(blocks > 10);
    for (let block = 0; block < blocks; block++) {
      let text = '';
      let gaps = 0;
      for await (const piece of readPieces(withBadBlock(file, block), 0)) {
        if ('gap' in piece) gaps += 1;
        else text += piece.bytes.toString();
      }
      const read = new Set(beatsIn(text));
      const missing = (await beatsBeside(path, block)).filter((tid) => !read.has(tid));
      assert.equal(missing.length, 0, `block ${block}: ${missing[0]} is missing`);
      assert.ok(gaps > 0 || read.size === 5000, `block ${block}: ${read.size} rows and no gap`);
    }
  });

  it('is refused in one line where not even its first byte can be read', async () => {
    // Nothing is mapped at address 0.
    const recording = await openRecording('/proc/self/mem');
    assert.ok(!recording.ok);
    assert.equal(
      recording.error,
      'cannot read the recording /proc/self/mem: the device reports an I/O error; check the path',
    );
  });

  it('is closed where it could not be begun', async () => {
    for (let n = 0; n < 3; n++) assert.ok(!(await createRecording('/dev/full', HEADER)).ok);
    assert.equal(await openings('/dev/full'), 0);
  });
});
