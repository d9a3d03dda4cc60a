/** Each version of the format has a file that was written by it and is never written anew; all of them stay readable. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readModel } from '../../src/commands/recorded-model.ts';
import { FORMAT_VERSION } from '../../src/event/header.ts';
import { reportAnswer, timelines } from '../../src/model/model.ts';
import { openRecording } from '../../src/recording/reader.ts';
import { openSeekable } from '../../src/recording/seek.ts';
import { reportText } from '../../src/report/report-text.ts';

const FORMATS = fileURLToPath(new URL('formats/', import.meta.url));
/** The same rows in all of them. */
const STORY = fileURLToPath(new URL('../recordings/rdma-handed-over.7.3.txt', import.meta.url));
const versions = Array.from({ length: FORMAT_VERSION }, (_, index) => index + 1);
const run = promisify(execFile);

it('every version has a file', () => {
  assert.deepEqual(
    readdirSync(FORMATS).sort(),
    versions.map((version) => `${version}.ndjson.gz`),
  );
});

for (const version of versions) {
  const path = `${FORMATS}${version}.ndjson.gz`;

  describe(`format ${version}`, () => {
    it('is of this version, and gives the report that it must', async () => {
      const recording = await openRecording(path);
      assert.ok(recording.ok);
      assert.equal(recording.value.header.format, version);
      await recording.value.close();
      const model = await readModel(path);
      assert.ok(model.ok);
      const answer = reportAnswer(model.value);
      const text = reportText(answer, timelines(model.value), model.value.header);
      assert.equal(text, readFileSync(STORY, 'utf8'));
    });

    it('can be entered at a moment', async () => {
      const trace = await openSeekable(path);
      assert.ok(trace.ok);
      const { position, batches } = await trace.value.seek({ events: 30 });
      assert.equal(position.events, 30);
      for await (const _events of batches) break;
    });

    it('is JSON, line by line, to zcat and all others', async () => {
      const { stdout } = await run('zcat', [path], { maxBuffer: 1 << 28 });
      for (const line of stdout.trimEnd().split('\n')) JSON.parse(line);
    });
  });
}
