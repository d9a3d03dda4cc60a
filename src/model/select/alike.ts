/**
 * Pins that a reader cannot tell apart, as one. A server registers hundreds of memory regions; whoever asks who holds the
 * file wants to read once that it is this process through this descriptor, and how much that is in all.
 */
import type { Holder, PinHolder } from '../answer.ts';
import { SETTLE_NS } from '../limits.ts';

export interface AlikeHolders {
  /** Of several pins: all their pages and bytes, from when the first began to when the last ended. */
  readonly holder: Holder;
  /** How many they are. */
  readonly count: number;
}

/** Leases stay alone, as do pins that differ in anything but their pages and times; each where its first one stood. */
export function joinAlike(holders: readonly Holder[]): readonly AlikeHolders[] {
  if (holders.length < 2) return holders.map((holder) => ({ holder, count: 1 }));
  const joined: { holder: Holder; count: number }[] = [];
  const byLook = new Map<string, { holder: PinHolder; count: number }>();
  for (const holder of holders) {
    if (holder.kind === 'lease') {
      joined.push({ holder, count: 1 });
      continue;
    }
    const look = lookOf(holder);
    const known = byLook.get(look);
    if (known !== undefined && endTogether(known.holder, holder)) {
      known.holder = addTo(known.holder, holder);
      known.count += 1;
      continue;
    }
    const first = { holder, count: 1 };
    byLook.set(look, first);
    joined.push(first);
  }
  return joined;
}

/** What is told of a pin besides its pages and times, as text that can be compared. */
function lookOf({ taken_by, held_by, freed_by, orphan, ...pin }: PinHolder): string {
  const { via, object, longterm, lease, in_flight, origin, certainty, reasons, ended_ns, stops_truncate } =
    pin;
  const hands = held_by.map(({ pid, fds, through, how, from, until_ns }) => [
    pid,
    fds,
    through,
    how,
    from,
    until_ns,
  ]);
  const fate = [ended_ns !== undefined, in_flight, orphan === true, freed_by?.op, freed_by?.pid];
  const judged = [origin, certainty, reasons, stops_truncate];
  return JSON.stringify([via, object, longterm, taken_by?.pid, lease, hands, fate, judged]);
}

/** What was released at different times has as many ends to tell. */
function endTogether(one: PinHolder, other: PinHolder): boolean {
  return Math.abs((one.ended_ns ?? 0) - (other.ended_ns ?? 0)) <= SETTLE_NS;
}

function addTo(sum: PinHolder, pin: PinHolder): PinHolder {
  return {
    ...sum,
    pages: sum.pages + pin.pages,
    bytes: sum.bytes + pin.bytes,
    since_ns: Math.min(sum.since_ns, pin.since_ns),
    ...(sum.ended_ns === undefined ? {} : { ended_ns: Math.max(sum.ended_ns, pin.ended_ns ?? 0) }),
    evidence: [...sum.evidence, ...pin.evidence],
  };
}
