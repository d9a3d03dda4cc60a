/**
 * What to let go of, in words: for each process the descriptors that keep the file's pins and leases alive. whopins
 * never does it itself.
 */
import { unreachable } from '../../base/brand.ts';
import { joinWords } from '../../base/text.ts';
import { filesOf, type Holding, holdersOf, inFlight, isKernelLease } from '../holding.ts';
import type { Lease, Model, OperationRecord, Pin, Task } from '../state.ts';
import { fdsText, leaseText, offset, taskName, wakingSteps } from '../wording.ts';

/**
 * One line for each process and queue that must let go; pins first, because nobody can break a pin. A sleeper whose
 * page nobody holds has nobody to wait for: it needs to be woken.
 */
export function toFree(
  model: Model,
  held: readonly (Lease | Pin)[],
  operations: readonly OperationRecord[],
): readonly string[] {
  const pins = held.filter((each) => each.kind === 'pin');
  const leases = held.filter((each) => each.kind === 'lease');
  return [
    ...new Set([
      ...closings(pins.flatMap(holdersOf)),
      ...pins.flatMap((pin) => queues(model, pin)),
      ...leases.flatMap(leaseEnding),
      ...leases.flatMap((lease) => queues(model, lease)),
      ...operations.filter(isForgotten).map(waking),
    ]),
  ];
}

/** How each process lets go: of what it holds by descriptors in one step, of all else one by one. */
function closings(holdings: readonly Holding[]): string[] {
  const byTask = new Map<Task, Set<number>>();
  const kept: string[] = [];
  for (const { task, through, fds } of holdings) {
    if (through !== 'descriptor') {
      kept.push(lettingGo(through, task, fds));
      continue;
    }
    const known = byTask.get(task) ?? new Set();
    for (const fd of fds) known.add(fd);
    byTask.set(task, known);
  }
  const closed = [...byTask].map(([task, fds]) => {
    if (fds.size === 0) return `end ${taskName(task)}`;
    const numbers = [...fds].sort((one, other) => one - other);
    return `close ${fdsText(null, numbers)} in ${taskName(task)}, or end it`;
  });
  return [...closed, ...kept];
}

function lettingGo(
  through: Exclude<Holding['through'], 'descriptor'>,
  task: Task,
  fds: readonly number[],
): string {
  const name = taskName(task);
  switch (through) {
    case 'socket-queue':
      return `receive what waits in the queue of ${fdsText('xdp-umem', fds)} of ${name}, or close that socket`;
    case 'io_uring-file':
      return `unregister the files of ${fdsText('io_uring-buffer', fds)} of ${name}, or close that ring`;
    case 'mapping':
      return `unmap it in ${name}, or end it`;
    default:
      return unreachable(through);
  }
}

function queues(model: Model, held: Lease | Pin): string[] {
  // Where a walk found the queue, what was said of its socket says more.
  if (holdersOf(held).some(({ through }) => through === 'socket-queue')) return [];
  const files = filesOf(held);
  const senders = files
    .flatMap((file) => file.handOvers)
    .filter((record) => record.to === null && !record.dropped)
    .map(
      (record) =>
        `${record.from === null ? 'somebody' : taskName(record.from)} sent at ${offset(model, record.sent)}`,
    );
  if (senders.length > 0) {
    return [
      `receive what ${joinWords([...new Set(senders)], 3)}, or close the socket in whose queue it waits`,
    ];
  }
  return inFlight(held) ? ['close the socket in whose queue it waits: no process was found that has it'] : [];
}

function leaseEnding(lease: Lease): string[] {
  const name = `the ${leaseText(lease)}`;
  if (isKernelLease(lease)) return [returning(lease, name)];
  const holders = holdersOf(lease);
  const holder = holders.find(({ through }) => through === 'descriptor');
  if (holder === undefined) return closings(holders);
  return [`unlock ${name} through ${fdsText(null, holder.fds)} in ${taskName(holder.task)}, or end it`];
}

/** A client that does not answer can be told off by the server (Documentation/filesystems/nfs: /proc/fs/nfsd/clients). */
function returning({ client, taker }: Lease, name: string): string {
  if (client === null) {
    const server = taker === null ? 'the kernel' : taskName(taker);
    return `let ${server} give back ${name} (its NFS client may be gone)`;
  }
  return `unmount on NFS client ${client}, or write expire to the ctl file of its directory in /proc/fs/nfsd/clients`;
}

function isForgotten({ waits }: OperationRecord): boolean {
  const wait = waits.at(-1);
  return wait !== undefined && wait.ended === null && wait.idle !== null;
}

function waking({ task }: OperationRecord): string {
  return `${wakingSteps(task.pid)}: that wakes ${taskName(task)} and does nothing else; whopins does not send it`;
}
