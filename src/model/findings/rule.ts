/**
 * What a rule is: a question to one lease, pin, operation, refusal or leak, with an answer that stays true as time
 * goes on. A rule looks only at what has happened to its subject and at how long ago that is, never at other files.
 */
import type { BootNs } from '../../event/event.ts';
import type { Finding, FindingId } from '../answer.ts';
import type { Judgement } from '../certainty.ts';
import type { Leak, Lease, Model, OperationRecord, Pin, Refusal, Task } from '../state.ts';

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

type Question<Subject> = (subject: Subject, model: Model) => readonly Draft[];

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
}

/** Nothing found. */
export const NOTHING: readonly Draft[] = [];
