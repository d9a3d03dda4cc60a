/**
 * Two recordings in one: what follows the seam is another trace, of which nothing that lived before it is known. Its
 * pointers and pids mean other things. What it does to the counters is in coverage.ts.
 */
import type { BootNs } from '../event/event.ts';
import { endLease, endPin, retireOperation } from './endings.ts';
import { generationsOf } from './inodes.ts';
import type { Model } from './state.ts';
import { createWalkState } from './walk-state.ts';

/** Ends all that lives, as of the seam. What has ended stays told. */
export function applySeam(model: Model, ts: BootNs): void {
  for (const inode of [...model.inodes.values()].flatMap(generationsOf)) {
    for (const operation of [...inode.operations]) retireOperation(model, operation, ts);
    for (const lease of [...inode.leases]) endLease(model, lease, ts, 'unknown', true);
    for (const pin of [...inode.pins]) endPin(model, pin, ts, true);
    inode.evicted ??= ts;
  }
  for (const table of [
    model.tasks,
    model.files,
    model.filesByObject,
    model.anchors,
    model.objects,
    model.operations,
    model.breaks,
    model.waiting,
  ]) {
    table.clear();
  }
  model.living = 0;
  model.holds = 0;
  Object.assign(model.walk, createWalkState());
}
