/**
 * Recordings of real kernels with rows missing, which the kernel counted: whatever is dropped, what is still called
 * definite is what the whole recording says.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Event } from '../../src/event/event.ts';
import type { Header } from '../../src/event/header.ts';
import { reportAnswer } from '../../src/model/model.ts';
import { openRecording, readEvents } from '../../src/recording/reader.ts';
import { assertProperty } from '../property.ts';
import { allClaims, definiteClaims } from './claims.ts';
import { play } from './rows.ts';

const RECORDINGS = process.env.RECS ?? fileURLToPath(new URL('../recordings/', import.meta.url));
const names = readdirSync(RECORDINGS).filter((file) => file.endsWith('.ndjson.gz'));

interface Recorded {
  readonly header: Header;
  readonly events: readonly Event[];
  /** The rows among them: what can be lost. */
  readonly rows: readonly number[];
}

async function read(name: string): Promise<Recorded> {
  const recording = await openRecording(`${RECORDINGS}/${name}`);
  assert.ok(recording.ok);
  const { header, batches } = readEvents(recording.value);
  const events: Event[] = [];
  for await (const batch of batches) events.push(...batch);
  countWalks(events);
  const rows = events.flatMap(({ kind }, i) => (kind.startsWith('stream.') ? [] : [i]));
  return { header, events, rows };
}

/** A walk's last row tells how many rows the walk has; the oldest recordings were made before it did. */
function countWalks(events: Event[]): void {
  let rows = 0;
  for (const [i, event] of events.entries()) {
    if (!event.kind.startsWith('walk.')) continue;
    rows = event.kind === 'walk.began' ? 1 : rows + 1;
    if (event.kind === 'walk.ended' && event.rows < 0) events[i] = { ...event, rows };
  }
}

function wrongClaims({ header, events }: Recorded, truth: ReadonlySet<string>, lost: ReadonlySet<number>) {
  const report = reportAnswer(
    play(
      events.filter((_, i) => !lost.has(i)),
      header,
    ),
  );
  return definiteClaims(report).filter((claim) => !truth.has(claim));
}

for (const name of names) {
  test(`${name}: any one row is missing`, async () => {
    const recorded = await read(name);
    const truth = allClaims(reportAnswer(play(recorded.events, recorded.header)));
    for (const row of recorded.rows) {
      const wrong = wrongClaims(recorded, truth, new Set([row]));
      assert.deepEqual(wrong, [], JSON.stringify(recorded.events[row]));
    }
  });

  test(`${name}: any rows are missing`, async () => {
    const recorded = await read(name);
    const truth = allClaims(reportAnswer(play(recorded.events, recorded.header)));
    const losses = fc.oneof(
      fc.uniqueArray(fc.constantFrom(...recorded.rows), { minLength: 2, maxLength: 5 }),
      fc
        .tuple(fc.nat(recorded.events.length), fc.nat(40))
        .map(([from, count]) => recorded.rows.filter((row) => row >= from && row < from + count)),
    );
    assertProperty(
      fc.property(losses, (lost) => assert.deepEqual(wrongClaims(recorded, truth, new Set(lost)), [])),
      200,
    );
  });
}
