/**
 * Who holds what: the processes through whose descriptors an open file, a lease or a pin is alive, now or at an
 * earlier moment. Pure questions to the state; the one place where "holder" is decided.
 */

import { NS_PER_MS } from '../base/time.ts';
import type { BootNs } from '../event/event.ts';
import type { HandOverHow, HeldBy } from './answer.ts';
import { isInFlight } from './descriptors.ts';
import { holdOf } from './holds.ts';
import { earlierOf, laterOf } from './moments.ts';
import { isAliveIn, lastShares, ONE_CLOSING_NS, type Share, type Span, sharesIn } from './shares.ts';
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

/** Files that are sent in one message go within this time. */
const ONE_MESSAGE_NS = 50 * NS_PER_MS;

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

/** The processes that held it at a moment, or had just let it go; null is now. */
export function holdersWhen(held: Lease | Pin, at: BootNs | null): readonly Holding[] {
  return holdersWithin(held, at === null ? null : { from: at, to: at });
}

/** The processes that held it at any time from one moment to another: all of those that somebody waited for. */
export function holdersDuring(held: Lease | Pin, from: BootNs, to: BootNs): readonly Holding[] {
  return holdersWithin(held, { from: earlierOf(from, to), to });
}

function holdersWithin(held: Lease | Pin, span: Span | null): readonly Holding[] {
  const files = filesOf(held);
  const isWithoutDescriptor = held.kind === 'lease' ? isKernelLease(held) : files.length === 0;
  if (isWithoutDescriptor) {
    const { taker } = held;
    return taker !== null && isAliveIn(taker, span) ? [byTaking(taker, held.since)] : [];
  }
  const found = sharesIn(files, span, 'descriptor', []);
  return mergeByTask(found.length > 0 || span === null ? found : lastShares(files, span.to));
}

/**
 * When a process let go of what lived on in a socket's queue or the like. Null: it still holds, or the end came with it:
 * what closes with an exit closes within a second.
 */
export function letGoBefore({ ended }: Lease | Pin, { through, holds }: Holding): BootNs | null {
  const known = holds.map(({ until }) => until).filter((until) => until !== null);
  const [first, ...rest] = known;
  if (ended === null || through !== 'descriptor' || first === undefined) return null;
  const last = rest.reduce(laterOf, first);
  return known.length === holds.length && ended - last > ONE_CLOSING_NS ? last : null;
}

/**
 * Processes that exit and have not closed its files yet: an exit closes one descriptor after the other, and while it
 * waits in one close, those behind it stay open in nobody's table.
 */
export function leavingHolders(held: Lease | Pin, now: BootNs): readonly Holding[] {
  const open = filesOf(held).filter(({ closed }) => closed === null);
  return mergeByTask(lastShares(open, now).filter(({ task }) => task.exited !== null));
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
      record.at - each.at < ONE_MESSAGE_NS;
    if (!steps.some(isSame)) steps.push(record);
  }
  return steps;
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
