import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { openRecording } from '../../src/recording/reader.ts';
import { createRecording } from '../../src/recording/writer.ts';
import { eventsOf, HEADER } from '../fixtures/recordings.ts';
import { firedText, rowText } from '../fixtures/rows.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';

const RAW = { ...HEADER, pointers: 'raw' } as const;
const run = promisify(execFile);

describe('writing a recording', () => {
  it('comes back as it was written', async (t) => {
    const path = join(await temporaryDirectory(t), 'a.ndjson.gz');
    const rows = [
      rowText('hello', { ts: 1e9 }),
      rowText('beat', { ts: 2e9 }),
      rowText('bye', { ts: 3e9 }),
      firedText({ beat: 1 }),
    ];
    const writer = await createRecording(path, HEADER);
    assert.ok(writer.ok);
    for (const row of rows) assert.ok((await writer.value.write([row])).ok);
    assert.ok((await writer.value.finish({ complete: true, bad: 0, command_exit: 7 })).ok);
    assert.deepEqual(
      (await eventsOf(path)).map((event) => event.kind),
      ['hello', 'beat', 'bye', 'stream.fired'],
    );
    const { stdout } = await run('zcat', [path]);
    const lines = stdout.trimEnd().split('\n');
    assert.deepEqual(lines.slice(1, -2), rows);
    assert.equal(JSON.parse(lines.at(-2) ?? '').whopins, 'index');
    assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), {
      whopins: 'end',
      complete: true,
      command_exit: 7,
      rows: { written: 4, bad: 0 },
    });
  });

  it('has its header on disk before the first row', async (t) => {
    const path = join(await temporaryDirectory(t), 'a.ndjson.gz');
    const writer = await createRecording(path, HEADER);
    assert.ok(writer.ok);
    const reading = await openRecording(path);
    assert.ok(reading.ok);
    assert.deepEqual(reading.value.header, HEADER);
    await reading.value.close();
    await writer.value.finish({ complete: true, bad: 0 });
  });

  it('finishes a member when it is large, so that a crash costs little', async (t) => {
    const path = join(await temporaryDirectory(t), 'a.ndjson.gz');
    const writer = await createRecording(path, RAW);
    assert.ok(writer.ok);
    const rows = Array.from({ length: 8000 }, (_, n) => rowText('beat', { ts: n }));
    await writer.value.write(rows);
    const onDisk = (await eventsOf(path)).filter((event) => event.kind === 'beat').length;
    assert.equal(onDisk, 8000);
    await writer.value.finish({ complete: false, bad: 0, why: 'test' });
  });

  it('is readable for its owner only, also where the file was there before', async (t) => {
    const path = join(await temporaryDirectory(t), 'a.ndjson.gz');
    await writeFile(path, 'old');
    await chmod(path, 0o644);
    const writer = await createRecording(path, HEADER);
    assert.ok(writer.ok);
    await writer.value.finish({ complete: true, bad: 0 });
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await readFile(path)).subarray(0, 2).toString('hex'), '1f8b');
  });

  it('does not change the mode of a device', async () => {
    const before = (await stat('/dev/null')).mode;
    const writer = await createRecording('/dev/null', HEADER);
    assert.ok(writer.ok);
    assert.ok((await writer.value.finish({ complete: true, bad: 0 })).ok);
    assert.equal((await stat('/dev/null')).mode, before);
  });

  it('says in one line why it cannot write', async (t) => {
    const directory = await temporaryDirectory(t);
    const cases: readonly (readonly [string, RegExp])[] = [
      [
        join(directory, 'missing', 'a'),
        /: there is no such file or directory; choose another place with -o$/,
      ],
      [directory, /: it is a directory;/],
      ['/dev/full', /: no space is left on the device;/],
    ];
    for (const [path, message] of cases) {
      const writer = await createRecording(path, HEADER);
      assert.ok(!writer.ok, path);
      assert.match(writer.error, message);
      assert.ok(!writer.error.includes('\n'));
    }
  });
});
