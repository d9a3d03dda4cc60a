/** The first and the last line of a recording, from text that may be anything. */
import { err, ok, type Result } from '../base/result.ts';
import { type Ending, FORMAT_VERSION, type Header } from '../event/header.ts';
import { SCHEMA_VERSION } from '../event/schema.ts';

/** Why a file is not a recording that we can read, and what to do. */
export interface NotReadable {
  readonly what: string;
  readonly remedy: string;
}

/** What is said of a recording that tells no other reason. */
export const WITHOUT_LAST_ROW = 'the tracer stopped without its last row';

type Fields = Readonly<Record<string, unknown>>;

/** Reads the header. Fields that are missing get a value that says so: an old recording stays readable. */
export function parseHeader(line: string): Result<Header, NotReadable> {
  const fields = parseFields(line);
  const format = number(fields?.format);
  const schema = number(fields?.schema);
  if (fields?.whopins !== 'header' || format < 1) {
    return err({
      what: 'its first line is not a whopins header',
      remedy: 'whopins record -o FILE makes one',
    });
  }
  if (format > FORMAT_VERSION || schema > SCHEMA_VERSION) {
    return err({ what: `a newer whopins made it (format ${format}.${schema})`, remedy: 'update this one' });
  }
  const clock = isFields(fields.clock) ? fields.clock : {};
  return ok({
    whopins: 'header',
    format,
    schema,
    kernel: text(fields.kernel),
    bpftrace: text(fields.bpftrace),
    host: text(fields.host),
    clock: { boottime_ns: number(clock.boottime_ns), realtime_ns: number(clock.realtime_ns) },
    mounts: list(fields.mounts).map((mount) => ({
      dev: text(mount.dev),
      path: text(mount.path),
      fs: text(mount.fs),
      root: text(mount.root),
    })),
    probes: list(fields.probes).map((probe) => ({ path: text(probe.path), hooks: texts(probe.hooks) })),
    left_out: list(fields.left_out).map((gap) => ({ path: text(gap.path), reason: text(gap.reason) })),
    pointers: fields.pointers === 'raw' ? 'raw' : 'renumbered',
    command: Array.isArray(fields.command) ? texts(fields.command) : null,
    ...(typeof fields.run === 'string' ? { run: fields.run } : {}),
    ...(typeof fields.part === 'number' ? { part: fields.part } : {}),
  });
}

/** Reads the ending; null where the line is something else. */
export function parseEnding(line: string): Ending | null {
  const fields = parseFields(line);
  if (fields?.whopins !== 'end') return null;
  const rows = isFields(fields.rows) ? fields.rows : {};
  return {
    whopins: 'end',
    complete: fields.complete === true,
    rows: { written: number(rows.written), bad: number(rows.bad) },
    ...(typeof fields.why === 'string' ? { why: fields.why } : {}),
    ...(typeof fields.command_pid === 'number' ? { command_pid: fields.command_pid } : {}),
    ...(typeof fields.command_exit === 'number' ? { command_exit: fields.command_exit } : {}),
    ...(typeof fields.next_part === 'number' ? { next_part: fields.next_part } : {}),
  };
}

function parseFields(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
