/**
 * A walk as a whole: it begins, says what it could not look into, and ends. Its rows come in any order in between, so
 * what follows from several of them together is concluded at its end.
 */
import type { RowEvent } from '../../event/event.ts';
import { noteWalkLoss } from '../coverage.ts';
import { endHold } from '../descriptors.ts';
import { endLease, endPin, retireOperation } from '../endings.ts';
import { closeUnseen } from '../final-close.ts';
import { touchInode } from '../inodes.ts';
import { endKeeper, isKept } from '../keepers.ts';
import { LIMITS } from '../limits.ts';
import { leaseOf } from '../pin-records.ts';
import type { Model, OpenFile, WalkState } from '../state.ts';
import { endWaits } from '../waits.ts';
import { isUnseen, looksAsWide } from './sightings.ts';
import { settleTakers } from './takers.ts';
import { joinWaits } from './waits.ts';

export function applyWalkBegan({ walk, coverage }: Model, row: RowEvent<'walk.began'>): void {
  if (walk.isFinished) walk.gapsBefore = walk.gaps;
  else if (walk.count > 0) noteWalkLoss(coverage, 1, walk.at);
  // While a walk goes on nothing is certain: what was concluded before it is out of date, and again at its end.
  coverage.lossVersion += 1;
  walk.seen = 1;
  walk.count += 1;
  walk.at = row.ts;
  walk.isFinished = false;
  walk.gaps = [];
  walk.explained = 0;
  walk.hidden = [];
  walk.waits = [];
  walk.recorded.clear();
}

export function applyWalkGap({ walk }: Model, { path, reason }: RowEvent<'walk.gap'>): void {
  if (walk.gaps.length < LIMITS.gaps) walk.gaps.push({ path, reason });
}

export function applyWalkEnded(model: Model, row: RowEvent<'walk.ended'>): void {
  const { walk } = model;
  // Without its beginning this is the rest of a walk: it proves nothing about what it did not show.
  if (walk.count === 0 || walk.isFinished) {
    noteWalkLoss(model.coverage, 1, row.ts);
    return;
  }
  walk.isFinished = true;
  model.coverage.lossVersion += 1;
  noteWalkLoss(model.coverage, row.rows - walk.seen, row.ts);
  const isCounted = row.acquired >= 0 && row.released >= 0;
  walk.balance = isCounted ? { counted: row.acquired - row.released, explained: walk.explained } : null;
  settleTakers(model);
  nameLeases(model);
  if (looksAsWide(walk) && !isCut(walk, row)) endUnseen(model, row);
  joinWaits(model, row.ts);
}

/** Rows of this walk are missing: what it does not show may be there. */
function isCut({ seen }: WalkState, { rows }: RowEvent<'walk.ended'>): boolean {
  return rows > seen;
}

/** The leases of those who pinned: a lease's row may come after the pin's. */
function nameLeases(model: Model): void {
  for (const pins of model.objects.values()) {
    for (const pin of pins) {
      if (pin.lease !== null || pin.taker === null || pin.origin !== 'snapshot') continue;
      pin.lease = leaseOf(pin.inode, pin.taker);
      if (pin.lease !== null) touchInode(pin.inode, pin.since);
    }
  }
}

function endUnseen(model: Model, { ts }: RowEvent<'walk.ended'>): void {
  const { walk } = model;
  for (const file of [...model.files.values()]) endUnseenHands(model, file, ts);
  for (const inode of [...model.inodes.values()]) {
    for (const pin of [...inode.pins]) if (isUnseen(walk, pin)) endPin(model, pin, ts, true);
    for (const lease of [...inode.leases]) {
      if (isUnseen(walk, lease)) endLease(model, lease, ts, 'unknown', true);
    }
    for (const operation of [...inode.operations]) {
      if (!isUnseen(walk, operation)) continue;
      endWaits(model, operation, ts);
      retireOperation(model, operation, ts);
    }
  }
}

function endUnseenHands(model: Model, file: OpenFile, ts: RowEvent['ts']): void {
  const { walk } = model;
  for (const hold of [...file.held]) if (isUnseen(walk, hold)) endHold(model, file, hold, ts);
  for (const keeper of file.keepers) if (isUnseen(walk, keeper)) endKeeper(model, file, keeper, ts);
  const isFromWalks = file.origin === 'before' && file.walked !== null;
  const isAbandoned = file.held.length === 0 && !isKept(file);
  if (isFromWalks && isAbandoned && file.shown !== walk.count) closeUnseen(model, file.ptr, ts);
}
