/**
 * A checkpoint: the model, and the stream of events that fills it, between two rows. A reader that knows this very
 * version of the model goes on from here; any other drops it and replays the rows.
 */
import { createHash } from 'node:crypto';
import type { StreamState } from '../event/stream.ts';
import type { Model } from '../model/model.ts';
import { NEWLINE } from './feed.ts';
import { decodeGraph, encodeGraph } from './graph.ts';
import { modelVersion } from './model-version.ts';

/** Where a checkpoint was made. */
export interface CheckpointPlace {
  /** Rows in the recording before it, in all of its parts. */
  readonly rows: number;
  /** Events that were applied to the model. */
  readonly events: number;
  /** The time of the last of them, boot ns. */
  readonly ts: number;
}

/** All that is needed to go on from a place. */
export interface TraceState {
  readonly model: Model;
  readonly stream: StreamState;
}

export interface Checkpoint {
  readonly place: CheckpointPlace;
  readonly state: TraceState;
}

const STATE_BEGIN = '{"whopins":"state","nodes":';

/** The lines of a checkpoint, each with its newline. */
export function writeCheckpoint({ rows, events, ts }: CheckpointPlace, state: TraceState): string {
  const nodes = encodeGraph(state);
  const first = {
    whopins: 'checkpoint',
    model: modelVersion(),
    rows,
    events,
    ts,
    lines: nodes.length,
    sum: sumOf(nodes),
  };
  return [JSON.stringify(first), ...nodes.map((line) => `${STATE_BEGIN}${line}}`), ''].join('\n');
}

/** Whether a checkpoint that begins with this text, however short, may be read by this version. */
export function isOurVersion(beginning: string): boolean {
  return beginning.includes(`"model":"${modelVersion()}"`);
}

/** Reads a checkpoint's lines; null where another version made it, or where they are not all there. */
export function readCheckpoint(text: Buffer): Checkpoint | null {
  const head = text.indexOf(NEWLINE);
  const fields = parseFields(text.toString('utf8', 0, Math.max(0, head)));
  if (fields === null || fields.model !== modelVersion()) return null;
  const nodes = nodeLines(text, head + 1);
  if (nodes.length !== fields.lines || sumOf(nodes) !== fields.sum) return null;
  const { rows, events, ts } = fields;
  if (typeof rows !== 'number' || typeof events !== 'number' || typeof ts !== 'number') return null;
  // The sum says that these lines are what this version of the code wrote.
  return { place: { rows, events, ts }, state: decodeGraph(nodes) as TraceState };
}

/** What the state lines hold, still as bytes: all of it as text at once would be tens of megabytes more. */
function nodeLines(text: Buffer, from: number): readonly Buffer[] {
  const nodes: Buffer[] = [];
  for (let start = from; start < text.length; ) {
    const found = text.indexOf(NEWLINE, start);
    const end = found === -1 ? text.length : found;
    const begin = start + STATE_BEGIN.length;
    if (text.toString('latin1', start, begin) === STATE_BEGIN) nodes.push(text.subarray(begin, end - 1));
    start = end + 1;
  }
  return nodes;
}

function parseFields(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function sumOf(lines: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(line);
  return hash.digest('hex').slice(0, 32);
}
