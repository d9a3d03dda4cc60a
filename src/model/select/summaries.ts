/**
 * One line for each file: enough to sort by trouble. A line is worked out again only when its file changed: a
 * dashboard asks for all of them ten times a second.
 */
import type { FileSummary, Finding } from '../answer.ts';
import { findingsOfFile } from '../findings/index.ts';
import { holdersOf } from '../holding.ts';
import { generationsOf, isBare } from '../inodes.ts';
import { targetOf } from '../names.ts';
import type { Inode, Model, OperationRecord } from '../state.ts';
import { isAnswerable } from './target.ts';

const SEVERITIES: readonly Finding['severity'][] = ['critical', 'warning', 'note'];

type Line = Omit<FileSummary, 'findings' | 'worst'>;

interface Known {
  readonly version: number;
  readonly line: Line;
  readonly found: readonly Finding[];
  readonly summary: FileSummary;
}

const memory = new WeakMap<Inode, Known>();

/**
 * Every file that has or had a lease, a pin, an operation that met one, or a refusal; in the order of first sight. The
 * line of a file to which nothing happened is the same object as before.
 */
export function fileSummaries(model: Model): readonly FileSummary[] {
  const summaries: FileSummary[] = [];
  for (const inode of model.inodes.values()) {
    if (!isBare(inode) && isAnswerable(inode))
      summaries.push(summaryOf(model, inode, findingsOfFile(model, inode)));
  }
  return summaries;
}

/** The line of one file, of which this was found. */
export function summaryOf(model: Model, inode: Inode, found: readonly Finding[]): FileSummary {
  const known = memory.get(inode);
  const version = versionOf(inode);
  if (known?.version === version && known.found === found) return known.summary;
  const line = known?.version === version ? known.line : makeLine(model, inode);
  const worst = SEVERITIES.find((severity) => found.some((finding) => finding.severity === severity)) ?? null;
  const summary = { ...line, findings: found.length, worst };
  memory.set(inode, { version, line, found, summary });
  return summary;
}

function versionOf(inode: Inode): number {
  let version = 0;
  for (let each: Inode | null = inode; each !== null; each = each.previous) version += each.version;
  return version;
}

function makeLine(model: Model, inode: Inode): Line {
  const generations = generationsOf(inode);
  const leases = generations.flatMap((each) => [...each.leases]);
  const pins = generations.flatMap((each) => [...each.pins]);
  const pids = new Set([...leases, ...pins].flatMap((held) => holdersOf(held).map(({ task }) => task.pid)));
  return {
    key: inode.key,
    target: targetOf(model, inode),
    leases: leases.length,
    breaking: leases.filter((lease) => lease.breaking !== null).length,
    pins: pins.length,
    pinnedBytes: pins.reduce(
      (sum, pin) => sum + Math.round((pin.bytes * pin.left) / Math.max(1, pin.taken)),
      0,
    ),
    holderPids: [...pids].sort((one, other) => one - other),
    waiting: [...inode.operations].filter(isWaiting).map(waiterOf).sort(longestFirst),
    changed_ns: inode.changed,
  };
}

type Waiter = FileSummary['waiting'][number];

function isWaiting(operation: OperationRecord): boolean {
  return operation.ended === null && operation.waits.at(-1)?.ended === null;
}

function waiterOf(operation: OperationRecord): Waiter {
  const since = operation.waits[0]?.since ?? operation.started;
  return { pid: operation.task.pid, comm: operation.comm, op: operation.op, since_ns: since };
}

function longestFirst(one: Waiter, other: Waiter): number {
  return one.since_ns - other.since_ns || one.pid - other.pid;
}
