import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { BootNs, Event, RowEvent } from '../../src/event/event.ts';
import { createReorderBuffer, windowOf } from '../../src/event/reorder.ts';
import { eventsOf } from '../fixtures/recordings.ts';
import { assertProperty } from '../property.ts';

function beat(ts: number, cpu = 0, tid = 1): RowEvent {
  return { kind: 'beat', ts: ts as BootNs, cpu, pid: 1, tid, comm: 'x' };
}

function lost(rows: number): Event {
  return { kind: 'stream.lost', ts: 0 as BootNs, rows };
}

function reorder(events: readonly Event[], windowNs: number): Event[] {
  const buffer = createReorderBuffer(windowNs);
  const out: Event[] = [];
  for (const event of events) buffer.push(event, out);
  buffer.flush(out);
  return out;
}

/** Rows whose arrival is behind their time by at most `disorder`: each CPU's buffer in order, drained in turns. */
function disordered(disorder: number): fc.Arbitrary<RowEvent[]> {
  return fc
    .array(fc.record({ ts: fc.nat(5000), cpu: fc.nat(3), delay: fc.nat(disorder) }), { maxLength: 200 })
    .map((rows) =>
      rows.sort((a, b) => a.ts + a.delay - b.ts - b.delay).map((row, index) => beat(row.ts, row.cpu, index)),
    );
}

describe('reorder buffer', () => {
  it('gives out all rows sorted when their disorder is within the window', () => {
    assertProperty(
      fc.property(disordered(100), (rows) => {
        const sorted = rows.toSorted((a, b) => a.ts - b.ts || a.cpu - b.cpu || a.tid - b.tid);
        assert.deepEqual(reorder(rows, 100), sorted);
      }),
    );
  });

  it('loses nothing and marks each late row when the disorder exceeds the window', () => {
    assertProperty(
      fc.property(disordered(1000), (rows) => {
        const out = reorder(rows, 100);
        const kept = out.filter((event) => event.kind === 'beat').map((row) => row.tid);
        assert.deepEqual(
          kept.toSorted((a, b) => a - b),
          rows.map((row) => row.tid),
        );
        let newest = 0;
        for (const [index, event] of out.entries()) {
          if (event.kind !== 'beat') continue;
          assert.equal(event.ts < newest, out[index - 1]?.kind === 'stream.late');
          newest = Math.max(newest, event.ts);
        }
      }),
    );
  });

  it('says by how much a late row was behind', () => {
    const out = reorder([beat(1000), beat(2000), beat(900)], 100);
    assert.deepEqual(out, [
      beat(1000),
      { kind: 'stream.late', ts: 900, behindNs: 100 },
      beat(900),
      beat(2000),
    ]);
  });

  it('keeps what the stream says about itself after the rows that came before it', () => {
    const out = reorder([beat(10, 3), lost(4), beat(10, 1), beat(20)], 100);
    assert.deepEqual(out, [beat(10, 1), beat(10, 3), lost(4), beat(20)]);
  });

  it('gives out a row as soon as one a window younger was seen', () => {
    const buffer = createReorderBuffer(100);
    const out: Event[] = [];
    for (const ts of [50, 149]) buffer.push(beat(ts), out);
    assert.deepEqual(out, []);
    buffer.push(beat(150), out);
    assert.deepEqual(out, [beat(50)]);
  });

  it('exposes the worst disorder seen', () => {
    const buffer = createReorderBuffer(100);
    for (const ts of [10, 90, 60, 95, 70]) buffer.push(beat(ts), []);
    assert.equal(buffer.worstDisorderNs(), 30);
  });

  it('holds a bounded number of rows even when time stands still', () => {
    const buffer = createReorderBuffer(100);
    const out: Event[] = [];
    for (let n = 0; n < 70_000; n++) buffer.push(beat(5), out);
    assert.ok(out.length >= 70_000 - (1 << 16));
    buffer.flush(out);
    assert.equal(out.length, 70_000);
  });

  it('waits longer for a bpftrace that has a buffer for each CPU', () => {
    for (const old of ['v0.17.0', 'bpftrace v0.19.1'])
      assert.equal(windowOf({ bpftrace: old }), 2_000_000_000);
    for (const later of ['v0.20.0', 'v0.23.2', 'bpftrace v0.27.1', '1.0.0', ''])
      assert.equal(windowOf({ bpftrace: later }), 100_000_000);
  });

  it('puts the rows of a real recording of 0.17 in order, up to 1.3 s late', async () => {
    const events = await eventsOf(
      new URL('../recordings/handed-over-unmapped.6.1.ndjson.gz', import.meta.url).pathname,
    );
    const times = events.flatMap((event) => ('cpu' in event ? [event.ts] : []));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok(events.every(({ kind }) => kind !== 'stream.late'));
  });
});
