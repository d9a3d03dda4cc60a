/** An object that holds pins reached a process that has no lease on the file. */
import type { BootNs } from '../../event/event.ts';
import { judgeAbsentLease, judgeHeld } from '../certainty.ts';
import { filesOfPin } from '../holding.ts';
import { holdOf } from '../holds.ts';
import { combine } from '../judgement.ts';
import { earlierOf, laterOf, latestOf } from '../moments.ts';
import type { Hold, Lease, Pin, Task } from '../state.ts';
import { arrivalText, fdsText, pagesText, taskName } from '../wording.ts';
import { NOTHING, type Rule } from './rule.ts';

export const handedOverWithoutLease: Rule = {
  id: 'handed-over-without-lease',
  severity: 'warning',
  thread: 'Dave Chinner, 22 Aug 2019',
  aboutPin: (pin, model) =>
    [...handsOf(pin)].flatMap(([task, holds]) => {
      const [first] = holds;
      const start = laterOf(first.since, pin.since);
      const end = firstEnd(lastEnd(holds), pin.ended);
      if ((end !== null && end <= start) || hasLease(task, pin, start)) return NOTHING;
      const fds = [...new Set(holds.flatMap((hold) => hold.fds))].sort((one, other) => one - other);
      const text = `${taskName(task)} has ${fdsText(pin.via, fds)}, ${arrivalFrom(first)}, and with it the pin of ${pagesText(pin.taken, pin.bytes)}, but no lease on the file`;
      const judgement = combine(judgeHeld(model, pin), judgeAbsentLease(model, task));
      const tasks = pin.taker === null ? [task] : [task, pin.taker];
      return [{ text, tasks, start, end, judgement, key: String(task.pid) }];
    }),
};

type Hands = readonly [Hold, ...Hold[]];

/** Through what each other process had the object, first come first. */
function handsOf(pin: Pin): ReadonlyMap<Task, Hands> {
  const hands = new Map<Task, Hands>();
  // Any of them may be the one that pinned.
  if (pin.taker === null) return hands;
  for (const file of filesOfPin(pin)) {
    for (const hold of [...file.past, ...file.held]) {
      const { task, table } = hold;
      if (task === pin.taker || table === pin.taker.table) continue;
      const known = hands.get(task);
      hands.set(task, known === undefined ? [hold] : [...known, hold]);
    }
  }
  return hands;
}

function lastEnd(holds: Hands): BootNs | null {
  const ends = holds.flatMap(({ until }) => (until === null ? [] : [until]));
  return ends.length === holds.length ? latestOf(ends) : null;
}

/** Its own lease, or one whose open file it had. */
function hasLease(task: Task, pin: Pin, at: BootNs): boolean {
  const { leases, past } = pin.inode;
  for (const lease of leases) if (covers(lease, task, at)) return true;
  for (const ended of past) if (ended.kind === 'lease' && covers(ended, task, at)) return true;
  return false;
}

function covers(lease: Lease, task: Task, at: BootNs): boolean {
  if (lease.since > at || (lease.ended !== null && lease.ended <= at)) return false;
  if (lease.taker === task || holdOf(lease.file, task.table) !== undefined) return true;
  return lease.file.past.some((hold) => hold.task === task && hold.since <= at && (hold.until ?? at) >= at);
}

function arrivalFrom({ how, from }: Hold): string {
  return from === null ? arrivalText(how) : `${arrivalText(how)} from ${taskName(from)}`;
}

function firstEnd(one: BootNs | null, other: BootNs | null): BootNs | null {
  if (one === null || other === null) return one ?? other;
  return earlierOf(one, other);
}
