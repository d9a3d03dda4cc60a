/** A running session as events: the same decoding and ordering as a recording's. */
import type { Event } from '../event/event.ts';
import { createEventStream, type EventBatchSource } from '../event/stream.ts';
import type { BpftraceExit } from './bpftrace.ts';
import { lastWords } from './bpftrace-errors.ts';
import type { Session } from './session.ts';

/** Reads a session's rows as events. They end when bpftrace has ended; a `stream.cut` then says if nobody asked it to. */
export function readSession(session: Session): EventBatchSource {
  return {
    header: session.header,
    batches: decodeRows(session),
    async close() {
      session.stop();
      await session.ended;
    },
  };
}

async function* decodeRows(session: Session): AsyncGenerator<readonly Event[]> {
  const stream = createEventStream(session.header);
  for await (const rows of session.rows) {
    for (const { parsed } of rows) {
      if (parsed.ok) stream.addRow(parsed.value);
      else stream.addBad(parsed.error);
    }
    const events = stream.take();
    if (events.length > 0) yield events;
  }
  yield stream.end(describeEnd(await session.ended));
}

/** How bpftrace ended, in words. */
export function describeEnd(exit: BpftraceExit): string {
  const last = lastWords(exit.stderr);
  const said = last === null ? '' : `; it last said: ${last}`;
  if (exit.why === 'stopped') return `bpftrace stopped without its last row${said}`;
  if (exit.signal !== null) return `bpftrace was ended by ${exit.signal}${said}`;
  return `bpftrace ended with exit code ${exit.exitCode ?? 'unknown'}${said}`;
}
