/**
 * Decoded events as NDJSON, one line each: what `export --to ndjson`, `replay --json` and `live --json` print. Their
 * shape is in events.schema.json beside this file, which `npm run schema` writes from the table of all rows.
 */
import type { Event } from '../event/event.ts';
import type { Header } from '../event/header.ts';
import { SCHEMA_VERSION } from '../event/schema.ts';
import type { Conversion } from './conversion.ts';

/** The first line: what was traced, on what, and what this trace cannot see. With its newline. */
export function headerToJsonLine(header: Header): string {
  const { kernel, bpftrace, host, clock, mounts, pointers, command, left_out } = header;
  const line = {
    kind: 'stream.header',
    schema: SCHEMA_VERSION,
    kernel,
    bpftrace,
    host,
    clock,
    mounts,
    pointers,
  };
  return `${JSON.stringify({ ...line, command, not_covered: left_out })}\n`;
}

/** One event, with its newline. */
export function eventToJsonLine(event: Event): string {
  const plain =
    event.kind === 'stream.fired' ? { ...event, counts: Object.fromEntries(event.counts) } : event;
  return `${JSON.stringify(plain)}\n`;
}

/** A recording as NDJSON: the header, then every event, undecodable rows and losses included. */
export function toNdjson(header: Header): Conversion {
  return {
    begin: () => headerToJsonLine(header),
    add: (events) => events.map(eventToJsonLine).join(''),
    end: () => [],
  };
}
