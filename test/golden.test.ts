/**
 * Recordings of real kernels, replayed to the text that they must give.
 *
 * `test/recordings/STORY.KERNEL.ndjson.gz` was recorded in the lab and is never edited by hand; this records all anew:
 * `npm run lab -- stories --kernel all --keep test/recordings`. `STORY.KERNEL.txt` beside it is its report. After a
 * wanted change of the text, `UPDATE_GOLDEN=1 npm test -- golden` writes the texts anew: read their diff.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readModel } from '../src/commands/recorded-model.ts';
import { reportAnswer, timelines } from '../src/model/model.ts';
import { reportText } from '../src/report/report-text.ts';

const RECORDINGS = fileURLToPath(new URL('recordings/', import.meta.url));
const EXTENSION = '.ndjson.gz';
const names = readdirSync(RECORDINGS)
  .filter((file) => file.endsWith(EXTENSION))
  .map((file) => file.slice(0, -EXTENSION.length))
  .sort();

test('there are recordings of every kernel that the lab boots', () => {
  const kernels = new Set(names.map((name) => name.slice(name.indexOf('.') + 1)));
  assert.deepEqual([...kernels].sort(), ['6.1', '6.12', '7.3']);
});

test('every text belongs to a recording', () => {
  const texts = readdirSync(RECORDINGS).filter((file) => file.endsWith('.txt'));
  assert.deepEqual(texts.map((file) => file.slice(0, -'.txt'.length)).sort(), names);
});

for (const name of names) {
  test(`${name}: the report of a real kernel's recording`, async () => {
    const model = await readModel(`${RECORDINGS}${name}${EXTENSION}`);
    assert.ok(model.ok, model.ok ? '' : model.error);
    const answer = reportAnswer(model.value);
    const text = reportText(answer, timelines(model.value), model.value.header);
    const expected = `${RECORDINGS}${name}.txt`;
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(expected, text);
    assert.ok(existsSync(expected), `${expected} is missing: UPDATE_GOLDEN=1 npm test -- golden writes it`);
    assert.equal(text, readFileSync(expected, 'utf8'));
    assert.equal(answer.complete, true);
    // Late rows may be: on an overloaded guest bpftrace 0.17 read one cpu's rows 1.2 s after the other's.
    assert.deepEqual(answer.rows, { ...answer.rows, lost: 0, bad: 0 });
  });
}
