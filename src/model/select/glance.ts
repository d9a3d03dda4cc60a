/**
 * What a list tells of each file: the beginning of `whoAnswer`, for those who ask for forty files ten times a second. It
 * leaves out what is judged about the whole, and of what has ended all but the last.
 */
import { nsToMs } from '../../base/time.ts';
import type { InodeKey } from '../../event/event.ts';
import type { Holder, Operation } from '../answer.ts';
import { waitedNs } from '../findings/blocked-operation.ts';
import { generationsOf } from '../inodes.ts';
import type { Lease, Model, OperationRecord, Pin } from '../state.ts';
import { holderOf, possibleHolder } from './holders.ts';
import { possiblePins } from './walked.ts';
import { allOperations, endedHolders, liveHolders } from './who.ts';

export interface Glance {
  /** Those that hold now, in the order of the answer; where there are none, the last one that did. */
  readonly holders: readonly Holder[];
  /** The operation that began last. */
  readonly operation: Pick<Operation, 'op' | 'result' | 'waited_ms'> | null;
}

/** A glance at one file as of the model's last event. */
export function glanceAt(model: Model, key: InodeKey): Glance {
  const inode = model.inodes.get(key);
  const generations = inode === undefined ? [] : generationsOf(inode);
  const possible = possiblePins(model, key);
  const holders = [
    ...liveHolders(generations).map((held) => holderOf(model, held)),
    ...possible.map((pin) => possibleHolder(model, pin)),
  ];
  const last = holders.length > 0 ? null : lastBy(generations.flatMap(endedHolders), ({ since }) => since);
  const operation = lastBy(generations.flatMap(allOperations), ({ started }) => started);
  return {
    holders: last === null ? holders : [holderOf(model, last)],
    operation: operation === null ? null : briefOf(model, operation),
  };
}

function briefOf(model: Model, operation: OperationRecord): Glance['operation'] {
  return { op: operation.op, result: operation.result, waited_ms: nsToMs(waitedNs(operation, model)) };
}

/** Of several that began at once the last one, as where they are sorted. */
function lastBy<Item extends Lease | Pin | OperationRecord>(
  items: readonly Item[],
  begunOf: (item: Item) => number,
): Item | null {
  let last: Item | null = null;
  for (const item of items) if (last === null || begunOf(item) >= begunOf(last)) last = item;
  return last;
}
