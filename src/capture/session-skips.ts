/**
 * What the kernel skipped of a running session's probes, as rows: asked every few seconds, and once more before it is asked
 * to end. While bpftrace detaches nobody asks any more.
 */
import type { RawRow } from '../event/encode.ts';
import { readBootNs } from './procfs/asleep-since.ts';
import type { SkippedHits } from './skipped-hits.ts';

/** Each look reads some 250 small files of /proc: 5 ms, 50 in an emulated guest. */
const EVERY_NS = 5e9;

export interface SessionSkips {
  /** The rows about what was skipped since the last look; none where that was a moment ago, unless it is the `last`. */
  readonly look: (isLast?: boolean) => readonly RawRow[];
}

/**
 * Watches one session from now on.
 * @param read counts since the programs were loaded, by hook.
 * @param kinds the rows that a hook's program fires.
 */
export function createSessionSkips(
  read: () => readonly SkippedHits[],
  kinds: ReadonlyMap<string, readonly string[]>,
  now: () => number = readBootNs,
): SessionSkips {
  // The kernel does not tell a tracepoint's category.
  const kindsOf = new Map(
    [...kinds].map(([hook, fired]) => [hook.replace(/^tracepoint:\w+:/, 'tracepoint:'), fired]),
  );
  const before = new Map<string, number>();
  let since = now();

  return {
    look(isLast = false) {
      const ts = now();
      if (!isLast && ts - since < EVERY_NS) return [];
      const totals = new Map<string, number>();
      for (const { hook, hits } of read()) totals.set(hook, (totals.get(hook) ?? 0) + hits);
      const common = { ts, cpu: 0, pid: 0, tid: 0, comm: '' };
      const rows = [...totals].map(([hook, total]): RawRow<'probe.skipped'> & { readonly hits: number } => {
        const hits = total - (before.get(hook) ?? 0);
        before.set(hook, total);
        return {
          kind: 'probe.skipped',
          ...common,
          hook,
          kinds: (kindsOf.get(hook) ?? []).join(' '),
          hits,
          since,
        };
      });
      since = ts;
      return rows.filter(({ hits }) => hits > 0);
    },
  };
}
