/** What a filter finds files by: their names and what is told about them, without regard to capitals. */
import type { TaskRef } from '../src/model/answer.ts';
import type { FileFilter } from '../src/model/select/listing.ts';
import { taskName } from '../src/model/wording.ts';

/** Tells whether something that is told has the text in it. */
export type TextMatcher = (told: string) => boolean;

/** A pattern, since small letters made of ten thousand paths take longer than the picture. */
export function matcherOf(text: string): TextMatcher {
  const pattern = new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i');
  return (told) => pattern.test(told);
}

/**
 * Lets through the files that have the text in their path or inode, or in the name of a process that holds them or waits.
 * Each process is asked for its name once: a new name counts when the file is looked at anew.
 */
export function fileFilter(text: string, taskOf: (pid: number) => TaskRef): FileFilter {
  const has = matcherOf(text);
  const byPid = new Map<number, boolean>();

  function hasProcess(pid: number): boolean {
    let known = byPid.get(pid);
    if (known === undefined) {
      known = has(taskName(taskOf(pid)));
      byPid.set(pid, known);
    }
    return known;
  }

  return {
    text,
    has: ({ target, key, holderPids, waiting }) =>
      (target.path !== null && has(target.path)) ||
      has(key) ||
      holderPids.some(hasProcess) ||
      waiting.some((waiter) => has(`${taskName(waiter)} ${waiter.op}`)),
  };
}
