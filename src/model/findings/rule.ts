/**
 * What a rule is: a question to one lease, pin, operation, refusal, leak or contradiction, with an answer that stays true as time
 * goes on. A rule looks only at what has happened to its subject and at how long ago that is, never at other files.
 */
import type { BootNs } from '../../event/event.ts';
import type { Finding, FindingId } from '../answer.ts';
import type { Judgement } from '../judgement.ts';
import type { Contradiction, Leak, Lease, Model, OperationRecord, Pin, Refusal, Task } from '../state.ts';

/** The only way in which a rule may look at the time: what it did not find becomes findable as time goes on. */
export interface Clock {
  /** Whether more than `ns` lie between a moment and the end of something, or now where it has not ended. */
  readonly outlasts: (from: BootNs, end: BootNs | null, ns: number) => boolean;
  /** Until when no answer given so far changes by itself. */
  readonly ripeAt: () => number;
}

export function createClock(now: BootNs): Clock {
  let ripeAt = Number.POSITIVE_INFINITY;
  function outlasts(from: BootNs, end: BootNs | null, ns: number): boolean {
    const isSo = (end ?? now) - from > ns;
    if (!isSo && end === null) ripeAt = Math.min(ripeAt, from + ns);
    return isSo;
  }
  return { outlasts, ripeAt: () => ripeAt };
}

/** A rule's answer. */
export interface Draft {
  readonly text: string;
  readonly tasks: readonly Task[];
  readonly start: BootNs;
  /** Null while it still holds. */
  readonly end: BootNs | null;
  readonly judgement: Judgement;
  /**
   * Findings of one rule on one file with the same key are one, told once with their number: what a program does over
   * and over. Without a key each stands for itself.
   */
  readonly key?: string;
}

type Question<Subject> = (subject: Subject, model: Model, clock: Clock) => readonly Draft[];

export interface Rule {
  readonly id: FindingId;
  readonly severity: Finding['severity'];
  /** Where the rule stands in the 2019 thread "RDMA/FS DAX truncate proposal": author and date. */
  readonly thread: string;
  readonly aboutLease?: Question<Lease>;
  readonly aboutPin?: Question<Pin>;
  readonly aboutOperation?: Question<OperationRecord>;
  readonly aboutRefusal?: Question<Refusal>;
  readonly aboutLeak?: Question<Leak>;
  readonly aboutContradiction?: Question<Contradiction>;
}

/** Nothing found. */
export const NOTHING: readonly Draft[] = [];
