/** An object that holds pins reached a process that has no lease on the file. */
import type { BootNs } from '../../event/event.ts';
import { combine, judgeAbsentLease, judgeHeld } from '../certainty.ts';
import { filesOfPin } from '../holding.ts';
import { earlierOf, laterOf } from '../moments.ts';
import type { Hold, Lease, Pin, Task } from '../state.ts';
import { arrivalText, fdsText, pinText, taskName } from '../wording.ts';
import type { Draft, Rule } from './rule.ts';

export const handedOverWithoutLease: Rule = {
  id: 'handed-over-without-lease',
  severity: 'warning',
  thread: 'Dave Chinner, 22 Aug 2019',
  aboutPin: (pin, model) => {
    const drafts = new Map<Task, Draft>();
    for (const file of filesOfPin(pin)) {
      for (const hold of [...file.past, ...file.held.values()]) {
        const { task } = hold;
        const start = laterOf(hold.since, pin.since);
        const end = firstEnd(hold.until, pin.ended);
        const isOther = task !== pin.taker && hold.table !== pin.taker.table;
        if (!isOther || drafts.has(task) || (end !== null && end <= start)) continue;
        if (hasLease(task, pin, start)) continue;
        const text = `${taskName(task)} has ${fdsText(pin.via, hold.fds)}, ${arrivalFrom(hold)}, and so the pin of ${pinText(pin)}, without a lease on the file`;
        const judgement = combine(judgeHeld(model, pin), judgeAbsentLease(model, task));
        drafts.set(task, { text, tasks: [task, pin.taker], start, end, judgement, key: String(task.pid) });
      }
    }
    return [...drafts.values()];
  },
};

/** Its own lease, or one whose open file it had. */
function hasLease(task: Task, pin: Pin, at: BootNs): boolean {
  const { leases, past } = pin.inode;
  for (const lease of leases) if (covers(lease, task, at)) return true;
  for (const ended of past) if (ended.kind === 'lease' && covers(ended, task, at)) return true;
  return false;
}

function covers(lease: Lease, task: Task, at: BootNs): boolean {
  if (lease.since > at || (lease.ended !== null && lease.ended <= at)) return false;
  if (lease.taker === task || lease.file.held.has(task.table)) return true;
  return lease.file.past.some((hold) => hold.task === task && hold.since <= at && (hold.until ?? at) >= at);
}

function arrivalFrom({ how, from }: Hold): string {
  return from === null ? arrivalText(how) : `${arrivalText(how)} from ${taskName(from)}`;
}

function firstEnd(one: BootNs | null, other: BootNs | null): BootNs | null {
  if (one === null || other === null) return one ?? other;
  return earlierOf(one, other);
}
