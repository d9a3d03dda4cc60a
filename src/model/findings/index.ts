/**
 * All rules, and what they find: about one thing, about one file, in the whole trace.
 *
 * A file's findings are worked out again only when something about it changed, when an operation on it runs, or while
 * a threshold may still pass: a dashboard asks for ten thousand files ten times a second.
 */
import { unreachable } from '../../base/brand.ts';
import { NS_PER_S } from '../../base/time.ts';
import type { Finding } from '../answer.ts';
import { generationsOf, NO_INODE } from '../inodes.ts';
import { targetOf } from '../names.ts';
import type { ArchivedFinding, Ended, Inode, Model } from '../state.ts';
import { blockedOperation } from './blocked-operation.ts';
import { freedUnderPin } from './freed-under-pin.ts';
import { handedOverWithoutLease } from './handed-over-without-lease.ts';
import { holderGone } from './holder-gone.ts';
import { lateFinalClose } from './late-final-close.ts';
import { leaseBreakTimeout } from './lease-break-timeout.ts';
import { mergeFindings } from './merge.ts';
import { pinLeak } from './pin-leak.ts';
import { pinOutlivesLease } from './pin-outlives-lease.ts';
import { pinWithoutLease } from './pin-without-lease.ts';
import { refusedOperation } from './refused-operation.ts';
import { refusedPin } from './refused-pin.ts';
import { type Draft, NOTHING, type Rule } from './rule.ts';
import { sigioStray } from './sigio-stray.ts';
import { waitCycle } from './wait-cycle.ts';
import { waitWithoutHolder } from './wait-without-holder.ts';
import { zombieLease } from './zombie-lease.ts';

export const RULES: readonly Rule[] = [
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
  waitCycle,
  waitWithoutHolder,
  zombieLease,
];

/** After this long without a change no threshold of a rule can pass any more. */
const QUIET_NS = 2 * NS_PER_S;

/** What the rules find about one thing, to be kept when that thing is forgotten. */
export function findAbout(model: Model, subject: Ended): readonly ArchivedFinding[] {
  const { inode } = subject;
  return RULES.flatMap((rule) =>
    ask(rule, subject, model).map((draft) => ({
      finding: toFinding(model, inode, rule, draft),
      inode: inode.key,
      key: draft.key ?? null,
    })),
  );
}

/** What is found about a file, earlier inodes of the same number included. Ordered by start, then id. */
export function findingsOfFile(model: Model, inode: Inode): readonly Finding[] {
  const archived = model.archive.filter((each) => each.inode === inode.key);
  const found = generationsOf(inode).map((each) => foundAbout(model, each));
  if (archived.length === 0 && found.length === 1) return found[0]?.merged ?? [];
  return mergeFindings([...archived, ...found.flatMap((each) => each.all)]);
}

/** All findings of the trace, ordered by start, then id. */
export function findings(model: Model): readonly Finding[] {
  const all: ArchivedFinding[] = [...model.archive];
  for (const inode of model.inodes.values()) {
    for (const each of generationsOf(inode)) all.push(...foundAbout(model, each).all);
  }
  return mergeFindings(all);
}

interface Found {
  readonly version: number;
  readonly lossVersion: number;
  readonly renames: number;
  readonly isQuiet: boolean;
  readonly all: readonly ArchivedFinding[];
  readonly merged: readonly Finding[];
}

const memory = new WeakMap<Inode, Found>();

function foundAbout(model: Model, inode: Inode): Found {
  const { version } = inode;
  const { lossVersion, now } = model.coverage;
  const known = memory.get(inode);
  const { renames } = model;
  const isCurrent =
    known?.version === version && known.lossVersion === lossVersion && known.renames === renames;
  if (known?.isQuiet === true && isCurrent) return known;
  const all = inode.key === NO_INODE ? [] : subjectsOf(inode).flatMap((subject) => findAbout(model, subject));
  const isQuiet = inode.operations.size === 0 && now - inode.changed > QUIET_NS;
  const found: Found = { version, lossVersion, renames, isQuiet, all, merged: mergeFindings(all) };
  memory.set(inode, found);
  return found;
}

function subjectsOf(inode: Inode): Ended[] {
  return [...inode.past, ...inode.leases, ...inode.pins, ...inode.operations];
}

function ask(rule: Rule, subject: Ended, model: Model): readonly Draft[] {
  switch (subject.kind) {
    case 'lease':
      return rule.aboutLease?.(subject, model) ?? NOTHING;
    case 'pin':
      return rule.aboutPin?.(subject, model) ?? NOTHING;
    case 'operation':
      return rule.aboutOperation?.(subject, model) ?? NOTHING;
    case 'refusal':
      return rule.aboutRefusal?.(subject, model) ?? NOTHING;
    case 'leak':
      return rule.aboutLeak?.(subject, model) ?? NOTHING;
    default:
      return unreachable(subject);
  }
}

function toFinding(model: Model, inode: Inode, rule: Rule, draft: Draft): Finding {
  const { dev, ino, path } = targetOf(model, inode);
  return {
    id: rule.id,
    severity: rule.severity,
    certainty: draft.judgement.certainty,
    file: { dev, ino, path },
    pids: [...new Set(draft.tasks.map((task) => task.pid))],
    start_ns: draft.start,
    end_ns: draft.end,
    text: draft.text,
    thread: rule.thread,
  };
}
