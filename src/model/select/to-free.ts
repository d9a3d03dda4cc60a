/**
 * What to let go of, in words: for each process the descriptors that keep the file's pins and leases alive. whopins
 * never does it itself.
 */
import { joinWords } from '../../base/text.ts';
import { filesOf, holdersOf, isKernelLease } from '../holding.ts';
import type { Lease, Model, Pin, Task } from '../state.ts';
import { fdsText, leaseText, offset, taskName } from '../wording.ts';

/** One line for each process and queue that must let go; pins first, because nobody can break a pin. */
export function toFree(model: Model, held: readonly (Lease | Pin)[]): readonly string[] {
  const pins = held.filter((each) => each.kind === 'pin');
  const leases = held.filter((each) => each.kind === 'lease');
  return [
    ...new Set([
      ...closings(pins),
      ...pins.flatMap((pin) => queues(model, pin)),
      ...leases.flatMap(leaseEnding),
      ...leases.flatMap((lease) => queues(model, lease)),
    ]),
  ];
}

function closings(pins: readonly Pin[]): string[] {
  const byTask = new Map<Task, Set<number>>();
  for (const pin of pins) {
    for (const { task, fds } of holdersOf(pin)) {
      const known = byTask.get(task) ?? new Set();
      for (const fd of fds) known.add(fd);
      byTask.set(task, known);
    }
  }
  return [...byTask].map(([task, fds]) => {
    if (fds.size === 0) return `end ${taskName(task)}`;
    const numbers = [...fds].sort((one, other) => one - other);
    return `close ${fdsText(null, numbers)} in ${taskName(task)}, or end it`;
  });
}

function queues(model: Model, held: Lease | Pin): string[] {
  const senders = filesOf(held)
    .flatMap((file) => file.handOvers)
    .filter((record) => record.to === null && !record.dropped)
    .map(
      (record) =>
        `${record.from === null ? 'somebody' : taskName(record.from)} sent at ${offset(model, record.sent)}`,
    );
  if (senders.length === 0) return [];
  return [`receive what ${joinWords([...new Set(senders)], 3)}, or close the socket in whose queue it waits`];
}

function leaseEnding(lease: Lease): string[] {
  const name = `the ${leaseText(lease)}`;
  if (isKernelLease(lease))
    return [`let ${taskName(lease.taker)} give back ${name} (its NFS client may be gone)`];
  const [holder] = holdersOf(lease);
  if (holder === undefined) return [];
  return [`unlock ${name} through ${fdsText(null, holder.fds)} in ${taskName(holder.task)}, or end it`];
}
