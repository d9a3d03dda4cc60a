/**
 * What a program does over and over is found over and over: findings with the same key become one, with their number.
 */
import { formatCount } from '../../base/text.ts';
import type { Finding } from '../answer.ts';
import type { ArchivedFinding } from '../state.ts';

/** All of them, ordered by start, then id; those with one key as one, from the first start to the last end. */
export function mergeFindings(all: readonly ArchivedFinding[]): readonly Finding[] {
  const single: Finding[] = [];
  const groups = new Map<string, Finding[]>();
  for (const { finding, inode, key } of all) {
    if (key === null) {
      single.push(finding);
      continue;
    }
    const name = `${finding.id} ${inode} ${key}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [finding]);
    else group.push(finding);
  }
  return [...single, ...[...groups.values()].flatMap(mergeGroup)].sort(byStart);
}

function mergeGroup(group: readonly Finding[]): Finding[] {
  const [first, ...others] = [...group].sort(byStart);
  if (first === undefined || others.length === 0) return first === undefined ? [] : [first];
  // One fact may be found from two sides: from the lease and from the pin of one open file.
  const times = new Set(group.map((finding) => finding.start_ns)).size;
  const certainties = group.map((finding) => finding.certainty);
  return [
    {
      ...first,
      certainty: certainties.find((each) => each !== 'definite') ?? 'definite',
      pids: [...new Set([first, ...others].flatMap((finding) => finding.pids))],
      end_ns: latestEnd(group),
      text: times === 1 ? first.text : `${first.text} (${formatCount(times)} times)`,
    },
  ];
}

function latestEnd(group: readonly Finding[]): number | null {
  let latest = 0;
  for (const { end_ns } of group) {
    if (end_ns === null) return null;
    latest = Math.max(latest, end_ns);
  }
  return latest;
}

function byStart(one: Finding, other: Finding): number {
  return (
    one.start_ns - other.start_ns ||
    compareText(one.id, other.id) ||
    compareText(`${one.file.dev}:${one.file.ino}`, `${other.file.dev}:${other.file.ino}`) ||
    compareText(one.text, other.text)
  );
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
