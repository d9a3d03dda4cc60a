/**
 * The rows of a recording against the kernel's own counters: of each kind, rows seen + rows lost = rows fired. The
 * recording is read line by line, with nothing of whopins in between.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface Account {
  /** By kind. */
  readonly seen: ReadonlyMap<string, number>;
  /** `@fired` after `bye`: final, since every probe but END is detached by then. Null where that never came. */
  readonly fired: ReadonlyMap<string, number> | null;
  /**
   * How often `@fired` was printed, once after each beat and after bye: such a print can be lost as a row can. One that was
   * asked for just before the end is forgotten by bpftrace without a word, and counted as if it had come.
   */
  readonly prints: number;
  /** By bpftrace's own messages, which do not tell the kind. */
  readonly lost: number;
  /** Hits for which the kernel did not run a probe, by its hook: rows `probe.skipped`. */
  readonly skipped: ReadonlyMap<string, number>;
}

interface Line {
  readonly type?: string;
  readonly data?: unknown;
  readonly whopins?: string;
}

/** Counts a recording (gzipped NDJSON). */
export function countRecording(path: string): Account {
  return countLines(gunzipSync(readFileSync(path)).toString('utf8').split('\n'));
}

/** Rows that whopins itself makes: the kernel does not count them. */
const OWN = /^walk\.|^probe\.skipped$/;

/** Their places in a row `probe.skipped`: behind kind, ts, cpu, pid, tid and comm, with `kinds` between. */
const SKIPPED_HOOK = 6;
const SKIPPED_HITS = 8;

/** Counts the lines of a recording. */
export function countLines(lines: readonly string[]): Account {
  const seen = new Map<string, number>();
  let fired: Map<string, number> | null = null;
  let lost = 0;
  let prints = 0;
  const skipped = new Map<string, number>();
  let isAsked = false;
  for (const text of lines) {
    const line = parse(text);
    if (line?.type === 'value' && Array.isArray(line.data)) {
      const kind = String(line.data[0]);
      if (kind === 'bye' && isAsked) prints += 1;
      if (kind === 'beat') isAsked = true;
      if (kind === 'probe.skipped') {
        const hook = String(line.data[SKIPPED_HOOK]);
        skipped.set(hook, (skipped.get(hook) ?? 0) + Number(line.data[SKIPPED_HITS]));
      }
      if (!OWN.test(kind)) seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    if (line?.type === 'lost_events') lost += countIn(line.data);
    const counters = line?.type === 'map' ? countersIn(line.data) : null;
    if (counters === null) continue;
    prints += 1;
    isAsked = false;
    if (seen.has('bye')) fired = counters;
  }
  return { seen, fired, prints, lost, skipped };
}

/**
 * One complaint for each kind whose numbers do not add up. `mayLose`: where rows were lost on purpose. How many those were
 * is then not asked of bpftrace: 0.23 and 0.27 miscount their losses under a flood (src/model/coverage.ts).
 */
export function disagreements({ seen, fired, prints, lost }: Account, mayLose = false): string[] {
  if (fired === null) return ['the recording has no final counters: no row tells how many were fired'];
  const kinds = [...new Set([...fired.keys(), ...seen.keys()])];
  const missing = kinds.map((kind) => ({ kind, rows: (fired.get(kind) ?? 0) - (seen.get(kind) ?? 0) }));
  const tooMany = missing.filter(({ rows }) => rows < 0);
  const tooFew = mayLose ? [] : missing.filter(({ rows }) => rows > 0);
  const gone = missingRows({ seen, fired });
  const asked = (fired.get('beat') ?? 0) + (fired.get('bye') ?? 0);
  const unprinted = Math.max(0, asked - prints);
  return [
    ...[...tooMany, ...tooFew].map(
      ({ kind }) => `${kind}: ${seen.get(kind) ?? 0} rows seen, ${fired.get(kind) ?? 0} fired by the kernel`,
    ),
    ...(gone + unprinted === lost || (mayLose && gone > 0)
      ? []
      : [`${gone} rows and ${unprinted} prints are missing, bpftrace says that it lost ${lost}`]),
  ];
}

/** How many of the rows that the kernel counted are not in the recording; 0 where nothing tells. */
export function missingRows({ seen, fired }: Pick<Account, 'seen' | 'fired'>): number {
  return [...(fired ?? [])].reduce((sum, [kind, rows]) => sum + Math.max(0, rows - (seen.get(kind) ?? 0)), 0);
}

/** How many rows came that no counter has; 0 where nothing tells. */
export function uncountedRows({ seen, fired }: Pick<Account, 'seen' | 'fired'>): number {
  if (fired === null) return 0;
  return [...seen].reduce((sum, [kind, rows]) => sum + Math.max(0, rows - (fired.get(kind) ?? 0)), 0);
}

function parse(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** 0.17 says `{"events": n}`, later ones `{"events": n, "count": n}` or one of them. */
function countIn(data: unknown): number {
  if (typeof data !== 'object' || data === null) return 0;
  const { events, count } = data as { readonly events?: unknown; readonly count?: unknown };
  return Number(events ?? count ?? 0);
}

function countersIn(data: unknown): Map<string, number> | null {
  if (typeof data !== 'object' || data === null || !('@fired' in data)) return null;
  const counters = data['@fired'];
  if (typeof counters !== 'object' || counters === null) return null;
  const kinds = new Map<string, number>();
  for (const [name, count] of Object.entries(counters)) {
    // A kind that several programs fire: `fd.closed`, `fd.closed#2`.
    const [kind = name] = name.split('#');
    kinds.set(kind, (kinds.get(kind) ?? 0) + Number(count));
  }
  return kinds;
}
