/**
 * What has ended since the last look. A model remembers only so much of what is over; who wants all of a long trace
 * looks after every event, and takes what is left at the end.
 */

import { generationsOf } from '../inodes.ts';
import { newestIn, pushedSince } from '../ring.ts';
import type { Ended, HandOverRecord, Lease, Model, OperationRecord, Pin } from '../state.ts';
import { type Lasting, lastingFrom, passageFrom, passagesOf } from './lasting.ts';
import { isAnswerable } from './target.ts';

export interface EndWatch {
  /** Leases, pins and operations that ended since the last call. */
  readonly takeEnded: () => readonly Lasting[];
  /** Those that have not ended. */
  readonly takeRest: () => readonly Lasting[];
}

const NOTHING: readonly Lasting[] = [];

/**
 * Watches a model from now on. Each passage from hand to hand is told once, with the first thing it belongs to.
 * One event that ends more than the model remembers (8,192 things) is told in part.
 */
export function watchEnds(model: Model): EndWatch {
  const { ended } = model;
  const told = new WeakSet<HandOverRecord>();
  let seen = newestIn(ended);

  function tell(entity: Lease | Pin | OperationRecord): Lasting {
    const lasting = lastingFrom(model, entity);
    if (lasting.kind === 'operation' || entity.kind === 'operation') return lasting;
    const fresh = passagesOf(entity).filter((each) => !told.has(each));
    for (const each of fresh) told.add(each);
    return { ...lasting, passages: fresh.map(passageFrom) };
  }

  function takeEnded(): readonly Lasting[] {
    const items = pushedSince(ended, seen);
    if (items.length === 0) return NOTHING;
    seen = newestIn(ended);
    return items.flatMap((each) => (isLasting(each) ? [tell(each)] : []));
  }

  function takeRest(): readonly Lasting[] {
    return [...model.inodes.values()]
      .flatMap(generationsOf)
      .filter(isAnswerable)
      .flatMap((inode) => [...inode.leases, ...inode.pins, ...inode.operations].map(tell));
  }

  return { takeEnded, takeRest };
}

function isLasting(each: Ended): each is Lease | Pin | OperationRecord {
  return each.kind === 'lease' || each.kind === 'pin' || each.kind === 'operation';
}
