/** Leases, delegations and layouts as a walk finds them in an inode's list. */
import { NS_PER_MS } from '../../base/time.ts';
import type { BootNs, RowEvent } from '../../event/event.ts';
import { inodeOf, touchInode } from '../inodes.ts';
import { addLease, changeType, findLease, isBreaking } from '../leases.ts';
import type { Model } from '../state.ts';
import { walkedFile } from './files.ts';
import { show } from './sightings.ts';
import { recordedTask } from './takers.ts';

export function applyWalkLeased(model: Model, row: RowEvent<'walk.leased'>): void {
  const inode = inodeOf(model, row);
  const file = walkedFile(model, row);
  const known = findLease(inode, row.file, row.owner);
  const lease = known ?? addLease(inode, file, recordedTask(model, row), row, 'snapshot', false);
  if (known !== null) changeType(known, row, row.type);
  lease.record = row.lease;
  const isBroken = isBreaking(row.flags) || row.left >= 0;
  lease.breaking = isBroken ? (lease.breaking ?? row.ts) : null;
  lease.deadline = isBroken && row.left >= 0 ? ((row.ts + row.left * NS_PER_MS) as BootNs) : null;
  show(model.walk, lease, row.source);
  touchInode(inode, row.ts);
}
