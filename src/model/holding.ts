/**
 * Who holds what: the processes through whose descriptors an open file, a lease or a pin is alive, now or at an
 * earlier moment. Pure questions to the state; the one place where "holder" is decided.
 */

import { NS_PER_S } from '../base/time.ts';
import type { BootNs } from '../event/event.ts';
import type { HandOverHow, HeldBy } from './answer.ts';
import { isInFlight } from './descriptors.ts';
import { holdOf } from './holds.ts';
import type { HandOverRecord, Hold, Keeper, Lease, OpenFile, Pin, Task } from './state.ts';

/**
 * Whether a walk showed all that had a file older than the trace, while what it holds had not ended: what a walk shows
 * later says nothing about that.
 */
export function wasWalked({ origin, walked }: OpenFile, ended: BootNs | null): boolean {
  return origin === 'before' && walked !== null && (ended === null || walked < ended);
}

/** Whether processes that nobody saw may have had the file until then; null is now. */
export function mayHaveOthers(file: OpenFile, ended: BootNs | null): boolean {
  return file.origin === 'before' && !wasWalked(file, ended);
}

/** One process and the descriptors through which it holds. */
export interface Holding {
  readonly task: Task;
  /** Of the held object; where `through` says so, of the socket or ring that keeps it. */
  readonly fds: readonly number[];
  readonly through: HeldBy['through'];
  readonly how: HandOverHow;
  readonly from: Task | null;
  readonly since: BootNs;
  /** What is known about how it came there; empty for a holder that only follows from who took it. */
  readonly holds: readonly Hold[];
  /** The queues, rings and mappings on the way from the process to the object. */
  readonly keepers: readonly Keeper[];
}

/** Both ends of one process's descriptors close within this time. */
const ONE_CLOSING_NS = NS_PER_S;

/** Whether a process has a descriptor of this open file now. */
export function holdsFile(task: Task, file: OpenFile): boolean {
  return task.exited === null && holdOf(file, task.table) !== undefined;
}

/** The open files that keep a pin alive, closed ones included. */
export function filesOfPin(pin: Pin): readonly OpenFile[] {
  return pin.anchor?.files ?? [];
}

export function filesOf(held: Lease | Pin): readonly OpenFile[] {
  return held.kind === 'lease' ? [held.file] : filesOfPin(held);
}

/** A lease that no descriptor holds: nfsd's delegations and layouts. A walk shows no descriptor of their files. */
export function isKernelLease({ fd, origin, class: kind, file }: Lease): boolean {
  if (origin === 'observed' || kind === 'lease') return fd < 0;
  return file.held.length + file.past.length + file.keepers.length === 0;
}

/** The processes that hold it now; of one that has ended, those that held it last. */
export function holdersOf(held: Lease | Pin): readonly Holding[] {
  return holdersWhen(held, held.ended);
}

/** The processes that held it at a moment; null is now. */
export function holdersWhen(held: Lease | Pin, at: BootNs | null): readonly Holding[] {
  const files = filesOf(held);
  const isWithoutDescriptor = held.kind === 'lease' ? isKernelLease(held) : files.length === 0;
  if (isWithoutDescriptor) {
    const { taker } = held;
    return taker !== null && isAliveAt(taker, at) ? [byTaking(taker, held.since)] : [];
  }
  const found = sharesIn(files, at, 'descriptor', []);
  return mergeByTask(found.length > 0 || at === null ? found : heldLast(files, at));
}

/** The files that sit in a socket's queue. */
export function inFlight(held: Lease | Pin): boolean {
  return held.ended === null && filesOf(held).some(isInFlight);
}

/** The way of an object from hand to hand, oldest first. Several files sent in one message are one step. */
export function handOversOf(held: Lease | Pin): readonly HandOverRecord[] {
  const steps: HandOverRecord[] = [];
  const all = filesOf(held).flatMap((file) => file.handOvers);
  for (const record of all.sort((one, other) => one.at - other.at || one.sent - other.sent)) {
    const isSame = (each: HandOverRecord) =>
      each.how === record.how &&
      each.from === record.from &&
      each.to === record.to &&
      each.dropped === record.dropped &&
      record.at - each.at < ONE_CLOSING_NS / 20;
    if (!steps.some(isSame)) steps.push(record);
  }
  return steps;
}

/** One process's part in an open file, or in what keeps it. */
interface Share {
  readonly task: Task;
  readonly through: HeldBy['through'];
  /** Null for a mapping. */
  readonly hold: Hold | null;
  readonly keepers: readonly Keeper[];
}

/**
 * Who has these files, and who has the sockets and rings that keep them, sockets in sockets included. Each file is
 * looked at once: two sockets may sit in each other's queues.
 */
function sharesIn(
  files: readonly OpenFile[],
  at: BootNs | null,
  through: HeldBy['through'],
  keepers: readonly Keeper[],
  visited: Set<OpenFile> = new Set(),
): Share[] {
  return files.flatMap((file) => {
    if (visited.has(file)) return [];
    visited.add(file);
    const holds = at === null ? heldNow(file) : heldAt(file, at);
    const own = holds.map((share) => ({ ...share, through, keepers }));
    if (file.keepers.length === 0) return own;
    const kept = file.keepers.flatMap((keeper) => {
      if (!isKeeping(keeper, at)) return [];
      const way = [...keepers, keeper];
      const { task, anchor, how } = keeper;
      if (task !== null) return isAliveAt(task, at) ? [{ task, through: how, hold: null, keepers: way }] : [];
      return sharesIn(anchor?.files ?? [], at, how, way, visited);
    });
    return [...own, ...kept];
  });
}

function isKeeping({ since, until }: Keeper, at: BootNs | null): boolean {
  if (at === null) return until === null;
  return since <= at && (until === null || until > at);
}

type Hand = Pick<Share, 'task'> & { readonly hold: Hold };

function heldNow(file: OpenFile): Hand[] {
  return file.held.flatMap((hold) => {
    const hands: Hand[] = [];
    for (const task of hold.table.users) if (task.exited === null) hands.push({ task, hold });
    return hands;
  });
}

function heldAt(file: OpenFile, at: BootNs): Hand[] {
  return [
    ...file.past
      .filter((hold) => hold.since <= at && hold.until !== null && hold.until > at)
      .map((hold) => ({ task: hold.task, hold })),
    ...file.held
      .filter((hold) => hold.since <= at)
      .flatMap((hold) => [...hold.table.users].map((task) => ({ task, hold }))),
  ];
}

/** Nobody held it any more: the process that let go last. */
function heldLast(files: readonly OpenFile[], at: BootNs): Share[] {
  const past = files.flatMap((file) => file.past).filter((hold) => (hold.until ?? at) <= at);
  const last = past.reduce<Hold | null>(
    (latest, hold) => ((hold.until ?? 0) >= (latest?.until ?? 0) ? hold : latest),
    null,
  );
  if (last === null) return [];
  const closing = (last.until ?? at) - ONE_CLOSING_NS;
  return past
    .filter((hold) => hold.table === last.table && (hold.until ?? at) >= closing)
    .map((hold) => ({ task: hold.task, through: 'descriptor', hold, keepers: [] }));
}

/** One holding for each process and what it holds through. */
function mergeByTask(shares: readonly Share[]): Holding[] {
  const merged = new Map<Task, Holding[]>();
  for (const share of shares) {
    const mine = holdingOf(share);
    const own = merged.get(share.task) ?? [];
    merged.set(share.task, own);
    const at = own.findIndex((each) => each.through === mine.through);
    const known = own[at];
    if (known === undefined) own.push(mine);
    else own[at] = addHolding(known, mine);
  }
  return [...merged.values()]
    .flat()
    .sort((one, other) => one.since - other.since || one.task.pid - other.task.pid);
}

function holdingOf({ task, through, hold, keepers }: Share): Holding {
  const [keeper] = keepers;
  if (hold === null || keeper !== undefined) {
    // How the process came by its socket or ring says nothing about what sits in that.
    const since = keeper?.since ?? hold?.since ?? NEVER;
    const fds = hold?.fds ?? [];
    return {
      task,
      through,
      fds,
      how: 'unknown',
      from: null,
      since,
      holds: hold === null ? [] : [hold],
      keepers,
    };
  }
  const isFirstHand = task === hold.task;
  return {
    task,
    through,
    fds: hold.fds,
    how: isFirstHand ? hold.how : 'fork',
    from: isFirstHand ? hold.from : hold.task,
    since: hold.since,
    holds: [hold],
    keepers,
  };
}

function addHolding(known: Holding, mine: Holding): Holding {
  const earlier = known.since <= mine.since ? known : mine;
  const fds = [...new Set([...known.fds, ...mine.fds])].sort((one, other) => one - other);
  const keepers = [...new Set([...known.keepers, ...mine.keepers])];
  return { ...earlier, fds, holds: [...known.holds, ...mine.holds], keepers };
}

function byTaking(task: Task, since: BootNs): Holding {
  return { task, through: 'descriptor', fds: [], how: 'open', from: null, since, holds: [], keepers: [] };
}

const NEVER = 0 as BootNs;

function isAliveAt(task: Task, at: BootNs | null): boolean {
  if (task.gone) return false;
  if (task.exited === null) return true;
  return at !== null && at <= task.exited;
}
