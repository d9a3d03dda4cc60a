/** Jumps of the play head: what can be asked for, and the tasks that they consist of, each of which may lead to the next. */
import type { InodeKey } from '../src/event/event.ts';
import type { FoundAt, Goal } from './feed.ts';
import type { Destination } from './source.ts';

export interface Seeker {
  readonly step: (direction: 1 | -1) => string | null;
  readonly stepFinding: (direction: 1 | -1, key: InodeKey | null) => string | null;
  readonly seek: (goal: Goal) => string | null;
  readonly isBusy: () => boolean;
  /** Where to, in words; null when nothing is sought. */
  readonly towards: () => string | null;
  /** Goes on for some 40 ms. */
  readonly work: () => Promise<void>;
  /** What came of the last jump, if that is worth a sentence; told once. */
  readonly news: () => string | null;
}

/** Where the head is to be. All but `entry` and `back` are reached by playing on, unseen. */
export type Task =
  | { readonly to: 'entry'; readonly at: Destination; readonly after: Task | null }
  /** Back behind this event, then further to the telling one before it. */
  | { readonly to: 'back'; readonly before: number }
  /** One telling event on. */
  | { readonly to: 'on' }
  /** Before the event with this number. */
  | { readonly to: 'event'; readonly next: number; readonly after: Task | null }
  | { readonly to: 'time'; readonly ns: number }
  /** On to the end, to learn when that is; then to the share. */
  | { readonly to: 'share'; readonly share: number }
  | { readonly to: 'end' }
  /** On until there is a finding that was not there at the origin. */
  | { readonly to: 'new-finding'; readonly known: ReadonlySet<string>; readonly search: Search }
  /** On, one event at a time, until this finding is there. */
  | { readonly to: 'finding'; readonly name: string; readonly found: FoundAt; readonly search: Search };

export type TaskTo<To extends Task['to']> = Task & { readonly to: To };

export interface Search {
  /** The event before which the head stood when the key was pressed. */
  readonly origin: number;
  /** Only findings of this file. */
  readonly key: InodeKey | null;
  /** Findings that are left to try, the latest last; null for a search forwards. */
  readonly rest: readonly (readonly [string, FoundAt])[] | null;
}

/** Whether it is a step by one event: further steps then add up. */
export function isStep({ to }: Task): boolean {
  return to === 'on' || to === 'back' || to === 'event';
}

/** Where a task leads, in words. */
export function describeTask(task: Task): string {
  switch (task.to) {
    case 'new-finding':
      return 'the next finding';
    case 'finding':
      return 'a finding';
    case 'end':
    case 'share':
      return 'the end';
    default:
      return 'that moment';
  }
}

/** What a sentence about findings adds where only one file's are meant. */
export function ofFile(key: InodeKey | null): string {
  return key === null ? '' : ' of this file';
}
