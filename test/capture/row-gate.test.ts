import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ok } from '../../src/base/result.ts';
import type { SourceRow } from '../../src/capture/ndjson-source.ts';
import { createRowGate } from '../../src/capture/row-gate.ts';

const rows = (...texts: string[]): SourceRow[] => texts.map((text) => ({ text, parsed: ok(text) }));

/** A gate, and what has come out of it. */
function gateInto(mostHeld?: number) {
  const out: string[] = [];
  const queue = {
    push: (batch: readonly SourceRow[]) => void out.push(...batch.map((row) => row.text)),
    end: () => void out.push('END'),
  };
  return { gate: createRowGate(queue, mostHeld), out };
}

describe('a row gate', () => {
  it('puts what the walk found before what came meanwhile', () => {
    const { gate, out } = gateInto();
    gate.push(rows('a'));
    gate.close();
    gate.push(rows('c'));
    gate.push(rows('d'));
    assert.deepEqual(out, ['a']);
    gate.open((ahead) => rows(`b${ahead}`));
    gate.push(rows('e'));
    assert.deepEqual(out, ['a', 'b0', 'c', 'd', 'e']);
  });

  it('lets rows through in their order when too many wait, and tells how many went ahead', () => {
    const { gate, out } = gateInto(2);
    gate.close();
    for (const text of ['a', 'b', 'c', 'd']) gate.push(rows(text));
    assert.deepEqual(out, ['a', 'b', 'c', 'd']);
    gate.open((ahead) => rows(`walk${ahead}`));
    gate.close();
    gate.push(rows('e'));
    gate.open((ahead) => rows(`walk${ahead}`));
    assert.deepEqual(out, ['a', 'b', 'c', 'd', 'walk4', 'walk0', 'e']);
  });

  it('ends after the walk when the rows end during it', () => {
    const { gate, out } = gateInto();
    gate.close();
    gate.push(rows('b'));
    gate.end();
    assert.deepEqual([out, gate.hasEnded()], [[], true]);
    gate.open(() => rows('a'));
    assert.deepEqual(out, ['a', 'b', 'END']);
  });
});
