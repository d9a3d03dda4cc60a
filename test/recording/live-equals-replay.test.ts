/** What a live trace shows and what its recording shows are the same events, whatever bpftrace printed. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import fc from 'fast-check';
import { createNdjsonSource, type SourceRow } from '../../src/capture/ndjson-source.ts';
import type { Event } from '../../src/event/event.ts';
import { createEventStream } from '../../src/event/stream.ts';
import { createRecording } from '../../src/recording/writer.ts';
import { anyRow } from '../fixtures/arbitrary-rows.ts';
import { eventsOf, HEADER } from '../fixtures/recordings.ts';
import { firedText, rowText } from '../fixtures/rows.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { assertAsyncProperty } from '../property.ts';

const CUT = 'bpftrace was ended by SIGKILL';

const ODDITIES = [
  'null',
  '}{',
  '',
  '{"type": "value", "data": ["beat"',
  '{"type": "lost_events", "data": {"events": 7}}',
  '{"type":"attached_probes", "count":3}',
  '{"whopinx": 1}',
  firedText({ beat: 3 }),
  rowText('bye', { ts: 2 ** 40 }),
  rowText('beat', { comm: 'a\\uffffffc3' }).replaceAll('\\\\', '\\'),
  rowText('inode.evicted', { ino: '18446744073709551615', inode: '-59672695062659072' }).replace(
    /"(-?\d{16,})"/g,
    '$1',
  ),
];

function eventsOfLive(rows: readonly SourceRow[]): Event[] {
  const stream = createEventStream(HEADER);
  for (const { parsed } of rows) {
    if (parsed.ok) stream.addRow(parsed.value);
    else stream.addBad(parsed.error);
  }
  return [...stream.take(), ...stream.end(CUT)];
}

it('a recording gives the events that the live trace gave', async (t) => {
  const path = join(await temporaryDirectory(t), 'a.ndjson.gz');
  const lines = fc.array(fc.oneof({ weight: 4, arbitrary: anyRow }, fc.constantFrom(...ODDITIES)), {
    maxLength: 60,
  });
  await assertAsyncProperty(
    fc.asyncProperty(lines, fc.constantFrom('\n', '\r\n'), async (texts, newline) => {
      const source = createNdjsonSource();
      const rows = [
        ...source.write(Buffer.from(texts.map((text) => text + newline).join(''))),
        ...source.end(),
      ];
      const writer = await createRecording(path, { ...HEADER, pointers: 'raw' });
      assert.ok(writer.ok);
      await writer.value.write(rows.map((row) => row.text));
      await writer.value.finish({ complete: false, bad: 0, why: CUT });
      assert.deepEqual(await eventsOf(path), eventsOfLive(rows));
    }),
    150,
  );
});
