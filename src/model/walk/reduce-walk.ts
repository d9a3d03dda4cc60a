/** The rows of a walk into the model: see reduce.ts for all others. */
import { unreachable } from '../../base/brand.ts';
import type { RowEvent } from '../../event/event.ts';
import type { RowKind } from '../../event/schema.ts';
import type { Model } from '../state.ts';
import { applyWalkHeld, applyWalkKept, applyWalkMapped, applyWalkNamed } from './files.ts';
import { applyWalkLeased } from './leases.ts';
import { applyWalkOwner, applyWalkPinned } from './pins.ts';
import { applyWalkWaiting } from './waits.ts';
import { applyWalkBegan, applyWalkEnded, applyWalkGap } from './walks.ts';

export type WalkRow = RowEvent<Extract<RowKind, `walk.${string}`>>;

export function isWalkRow(row: RowEvent): row is WalkRow {
  return row.kind.startsWith('walk.');
}

/** Takes one row of a walk. Rows outside of any walk are taken as of one that was not finished. */
export function applyWalkRow(model: Model, row: WalkRow): void {
  model.walk.rows += 1;
  model.walk.seen += 1;
  switch (row.kind) {
    case 'walk.began':
      applyWalkBegan(model, row);
      return;
    case 'walk.ended':
      applyWalkEnded(model, row);
      return;
    case 'walk.gap':
      applyWalkGap(model, row);
      return;
    case 'walk.named':
      applyWalkNamed(model, row);
      return;
    case 'walk.held':
      applyWalkHeld(model, row);
      return;
    case 'walk.kept':
      applyWalkKept(model, row);
      return;
    case 'walk.mapped':
      applyWalkMapped(model, row);
      return;
    case 'walk.pinned':
      applyWalkPinned(model, row);
      return;
    case 'walk.owner':
      applyWalkOwner(model, row);
      return;
    case 'walk.leased':
      applyWalkLeased(model, row);
      return;
    case 'walk.waiting':
      applyWalkWaiting(model, row);
      return;
    default:
      unreachable(row);
  }
}
