/**
 * What a program does over and over is found over and over: findings of one name become one, with their number.
 */
import { formatCount } from '../../base/text.ts';
import type { Finding } from '../answer.ts';
import type { Tally } from '../state.ts';

/**
 * Two findings of one name as one: the earlier one's words, from the first start to the last end. Those with the same
 * start are one fact, seen from two sides (from the lease and from the pin of one open file).
 */
export function addTallies(one: Tally, other: Tally): Tally {
  const [first, second] = byStart(one.finding, other.finding) <= 0 ? [one, other] : [other, one];
  const isSameFact = first.finding.start_ns === second.finding.start_ns;
  const [a, b] = [first.finding, second.finding];
  return {
    ...first,
    times: isSameFact ? Math.max(first.times, second.times) : first.times + second.times,
    finding: {
      ...a,
      certainty: a.certainty === 'definite' ? b.certainty : a.certainty,
      pids: b.pids.every((pid) => a.pids.includes(pid)) ? a.pids : [...new Set([...a.pids, ...b.pids])],
      end_ns: a.end_ns === null || b.end_ns === null ? null : Math.max(a.end_ns, b.end_ns),
    },
  };
}

/** The findings, one for each name, ordered by start, then id. */
export function mergeTallies(all: readonly Tally[]): readonly Finding[] {
  const merged = new Map<string, Tally>();
  for (const tally of all) {
    const known = merged.get(tally.name);
    merged.set(tally.name, known === undefined ? tally : addTallies(known, tally));
  }
  return [...merged.values()].map(toFinding).sort(byStart);
}

function toFinding({ finding, times }: Tally): Finding {
  if (times === 1) return finding;
  return { ...finding, text: `${finding.text} (${formatCount(times)} times)` };
}

function byStart(one: Finding, other: Finding): number {
  return (
    one.start_ns - other.start_ns ||
    compareText(one.id, other.id) ||
    compareText(one.file.dev, other.file.dev) ||
    compareText(String(one.file.ino), String(other.file.ino)) ||
    compareText(one.text, other.text)
  );
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
