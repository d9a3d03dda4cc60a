/**
 * All rules, and what they find: about one thing, about one file, in the whole trace.
 *
 * A file's findings are worked out again only when something about it changed, or when a rule's time has come: a
 * dashboard asks for ten thousand files ten times a second.
 */
import { unreachable } from '../../base/brand.ts';
import type { Finding, FindingId } from '../answer.ts';
import { generationsOf, hasStory, NO_INODE } from '../inodes.ts';
import { targetOf } from '../names.ts';
import type { Ended, Inode, Model, Tally } from '../state.ts';
import { blockedOperation } from './blocked-operation.ts';
import { evidenceRows } from './evidence.ts';
import { freedUnderPin } from './freed-under-pin.ts';
import { handedOverWithoutLease } from './handed-over-without-lease.ts';
import { holderGone } from './holder-gone.ts';
import { lateFinalClose } from './late-final-close.ts';
import { leaseBreakTimeout } from './lease-break-timeout.ts';
import { pinLeak } from './pin-leak.ts';
import { pinOutlivesLease } from './pin-outlives-lease.ts';
import { pinWithoutLease } from './pin-without-lease.ts';
import { refusedOperation } from './refused-operation.ts';
import { refusedPin } from './refused-pin.ts';
import { type Clock, createClock, type Draft, NOTHING, type Rule } from './rule.ts';
import { sigioStray } from './sigio-stray.ts';
import { mergeTallies } from './tally.ts';
import { traceContradiction } from './trace-contradiction.ts';
import { waitCycle } from './wait-cycle.ts';
import { waitWithoutHolder } from './wait-without-holder.ts';
import { zombieLease } from './zombie-lease.ts';

const RULES: readonly Rule[] = [
  blockedOperation,
  freedUnderPin,
  handedOverWithoutLease,
  holderGone,
  lateFinalClose,
  leaseBreakTimeout,
  pinLeak,
  pinOutlivesLease,
  pinWithoutLease,
  refusedOperation,
  refusedPin,
  sigioStray,
  traceContradiction,
  waitCycle,
  waitWithoutHolder,
  zombieLease,
];

/** All that can be found. */
export const FINDING_IDS: readonly FindingId[] = RULES.map((rule) => rule.id);

const LEASE_RULES = RULES.filter((rule) => rule.aboutLease !== undefined);
const PIN_RULES = RULES.filter((rule) => rule.aboutPin !== undefined);
const OPERATION_RULES = RULES.filter((rule) => rule.aboutOperation !== undefined);
const REFUSAL_RULES = RULES.filter((rule) => rule.aboutRefusal !== undefined);
const LEAK_RULES = RULES.filter((rule) => rule.aboutLeak !== undefined);
const CONTRADICTION_RULES = RULES.filter((rule) => rule.aboutContradiction !== undefined);

/** What the rules find about one thing. */
export function findAbout(
  model: Model,
  subject: Ended,
  clock: Clock = createClock(model.coverage.now),
): readonly Tally[] {
  const found: Tally[] = [];
  for (const rule of rulesFor(subject)) {
    for (const draft of ask(rule, subject, model, clock)) found.push(toTally(model, subject, rule, draft));
  }
  return found;
}

/**
 * What is found about a file, earlier inodes of the same number included. Ordered by start, then id. `archived`: what is
 * remembered about it in the archive, for those who ask for many files. The same list as before where nothing changed.
 */
export function findingsOfFile(
  model: Model,
  inode: Inode,
  archived: readonly Tally[] = archivedAbout(model, inode),
): readonly Finding[] {
  if (archived.length === 0 && inode.previous === null) return foundAbout(model, inode).merged;
  const parts = generationsOf(inode).map((each) => foundAbout(model, each));
  const known = filesFindings.get(inode);
  if (known !== undefined && isSameList(known.parts, parts) && isSameList(known.archived, archived)) {
    return known.findings;
  }
  const merged = mergeTallies([...archived, ...parts.flatMap((found) => found.all)]);
  filesFindings.set(inode, { parts, archived, findings: merged });
  return merged;
}

/** All findings of the trace, ordered by start, then id. */
export function findings(model: Model): readonly Finding[] {
  const parts: Found[] = [];
  for (const inode of model.inodes.values()) {
    for (let each: Inode | null = inode; each !== null; each = each.previous) {
      const found = foundAbout(model, each);
      if (found.all.length > 0) parts.push(found);
    }
  }
  const archived = [...model.archive.values()];
  const known = lastFindings.get(model);
  if (known !== undefined && isSameList(known.parts, parts) && isSameList(known.archived, archived)) {
    return known.findings;
  }
  const merged = mergeTallies([...archived, ...parts.flatMap((found) => found.all)]);
  lastFindings.set(model, { parts, archived, findings: merged });
  return merged;
}

function isSameList<Item>(one: readonly Item[], other: readonly Item[]): boolean {
  return one.length === other.length && one.every((item, i) => item === other[i]);
}

function archivedAbout(model: Model, inode: Inode): Tally[] {
  if (model.archive.size === 0) return [];
  return [...model.archive.values()].filter((each) => each.inode === inode.key);
}

interface Found {
  readonly version: number;
  readonly lossVersion: number;
  readonly renames: number;
  /** Until when this stays so, if nothing happens. */
  readonly ripeAt: number;
  readonly all: readonly Tally[];
  readonly merged: readonly Finding[];
}

interface Findings {
  readonly parts: readonly Found[];
  readonly archived: readonly Tally[];
  readonly findings: readonly Finding[];
}

/** Of most files: they are known by name alone. */
const NOTHING_FOUND: Found = {
  version: 0,
  lossVersion: 0,
  renames: 0,
  ripeAt: Number.POSITIVE_INFINITY,
  all: [],
  merged: [],
};

const memory = new WeakMap<Inode, Found>();
const filesFindings = new WeakMap<Inode, Findings>();
const lastFindings = new WeakMap<Model, Findings>();

function foundAbout(model: Model, inode: Inode): Found {
  if (!hasStory(inode) || inode.key === NO_INODE) return NOTHING_FOUND;
  const { version } = inode;
  const { renames } = model;
  const { lossVersion, now } = model.coverage;
  const known = memory.get(inode);
  const isUnchanged =
    known?.version === version && known.lossVersion === lossVersion && known.renames === renames;
  if (known !== undefined && isUnchanged && now <= known.ripeAt) return known;
  const clock = createClock(now);
  const all = subjectsOf(inode).flatMap((subject) => findAbout(model, subject, clock));
  const ripeAt = clock.ripeAt();
  const found: Found = { version, lossVersion, renames, ripeAt, all, merged: mergeTallies(all) };
  memory.set(inode, found);
  return found;
}

function subjectsOf(inode: Inode): Ended[] {
  return [...inode.past, ...inode.leases, ...inode.pins, ...inode.operations];
}

function rulesFor(subject: Ended): readonly Rule[] {
  switch (subject.kind) {
    case 'lease':
      return LEASE_RULES;
    case 'pin':
      return PIN_RULES;
    case 'operation':
      return OPERATION_RULES;
    case 'refusal':
      return REFUSAL_RULES;
    case 'leak':
      return LEAK_RULES;
    case 'contradiction':
      return CONTRADICTION_RULES;
    default:
      return unreachable(subject);
  }
}

function ask(rule: Rule, subject: Ended, model: Model, clock: Clock): readonly Draft[] {
  switch (subject.kind) {
    case 'lease':
      return rule.aboutLease?.(subject, model, clock) ?? NOTHING;
    case 'pin':
      return rule.aboutPin?.(subject, model, clock) ?? NOTHING;
    case 'operation':
      return rule.aboutOperation?.(subject, model, clock) ?? NOTHING;
    case 'refusal':
      return rule.aboutRefusal?.(subject, model, clock) ?? NOTHING;
    case 'leak':
      return rule.aboutLeak?.(subject, model, clock) ?? NOTHING;
    case 'contradiction':
      return rule.aboutContradiction?.(subject, model, clock) ?? NOTHING;
    default:
      return unreachable(subject);
  }
}

function toTally(model: Model, subject: Ended, rule: Rule, draft: Draft): Tally {
  const { inode } = subject;
  const { dev, ino, path } = targetOf(model, inode);
  const finding: Finding = {
    id: rule.id,
    severity: rule.severity,
    certainty: draft.judgement.certainty,
    file: { dev, ino, path },
    pids: [...new Set(draft.tasks.map((task) => task.pid))],
    start_ns: draft.start,
    end_ns: draft.end,
    text: draft.text,
    thread: rule.thread,
    evidence: evidenceRows(subject),
  };
  const key = draft.key ?? `${draft.start} ${draft.tasks[0]?.pid ?? 0}`;
  return { finding, inode: inode.key, name: `${rule.id} ${inode.key} ${key}`, times: 1 };
}
