import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { firedText, rowText } from '../fixtures/rows.ts';
import { countLines, countRecording, disagreements, missingRows, uncountedRows } from './account.ts';

const RECORDINGS = join(import.meta.dirname, '..', 'recordings');
const ROWS = [rowText('hello'), rowText('task.executed'), rowText('task.executed'), rowText('bye')];
const FIRED = { hello: 1, 'task.executed': 2, bye: 1 };

describe('the account of a recording', () => {
  it('adds up where every row that was fired was seen', () => {
    assert.deepEqual(disagreements(countLines([...ROWS, firedText(FIRED)])), []);
  });

  it('says which kind lacks rows, and when their number is not what bpftrace says it lost', () => {
    const short = countLines([...ROWS, firedText({ ...FIRED, 'task.executed': 5 })]);
    assert.deepEqual(disagreements(short), [
      'task.executed: 2 rows seen, 5 fired by the kernel',
      '3 rows and 0 prints are missing, bpftrace says that it lost 0',
    ]);
    const told = countLines([
      '{"type":"lost_events","data":{"events":3}}',
      ...ROWS,
      firedText({ ...FIRED, 'task.executed': 5 }),
    ]);
    assert.deepEqual(disagreements(told, true), []);
    assert.equal(missingRows(told), 3);
    assert.deepEqual(disagreements(short, true), []);
    assert.equal(disagreements(told).length, 1);
  });

  it('forgives the print that the last beat asked for, and no other', () => {
    const counts = { ...FIRED, beat: 2 };
    const beats = [rowText('beat'), firedText({ hello: 1, beat: 1 }), rowText('beat')];
    assert.deepEqual(disagreements(countLines([...beats, ...ROWS, firedText(counts)])), []);
    const first = [rowText('beat'), rowText('beat'), firedText({ hello: 1, beat: 2 })];
    assert.match(
      disagreements(countLines([...first, ...ROWS, firedText(counts)]))[0] ?? '',
      /1 prints are missing/,
    );
  });

  it('finds rows that nobody fired', () => {
    const many = countLines([...ROWS, firedText({ ...FIRED, 'task.executed': 1 })]);
    assert.match(disagreements(many, true)[0] ?? '', /task.executed: 2 rows seen, 1 fired/);
    assert.equal(uncountedRows(many), 1);
    assert.equal(missingRows(many), 0);
  });

  it('counts what the kernel skipped apart: no counter has it', () => {
    const row =
      '{"type": "value", "data": ["probe.skipped", 5, 0, 0, 0, "", "fentry:__fput", "file.finalClosed", 7, 1]}';
    const account = countLines([...ROWS, row, firedText(FIRED)]);
    assert.deepEqual([...account.skipped], [['fentry:__fput', 7]]);
    assert.deepEqual(disagreements(account), []);
  });

  it('adds up the counters of the programs that fire one kind', () => {
    const { 'task.executed': _, ...rest } = FIRED;
    const parts = countLines([...ROWS, firedText({ ...rest, 'task.executed': 1, 'task.executed#2': 1 })]);
    assert.deepEqual(disagreements(parts), []);
  });

  it('takes no counters but the final ones', () => {
    assert.equal(countLines([rowText('hello'), firedText(FIRED), rowText('bye')]).fired, null);
  });

  for (const name of readdirSync(RECORDINGS).filter((each) => each.endsWith('.gz'))) {
    it(`adds up in ${name}`, () => {
      assert.deepEqual(disagreements(countRecording(join(RECORDINGS, name))), []);
    });
  }
});
