/**
 * Which walk showed a thing, and what a walk that shows it no more means for it.
 *
 * Only what is known from walks alone can end that way: what rows of its own told of ends by a row of its own, and a
 * descriptor that is in flight while the walk goes by shows up nowhere without being closed.
 */
import type { NotCovered } from '../../event/header.ts';
import type { Sighting, WalkState } from '../state.ts';

/** The walk under way shows the thing. What it read in the kernel's object stays so, whatever else says it too. */
export function show(walk: WalkState, thing: Sighting, source: string): void {
  const isFirst = thing.shown !== walk.count;
  thing.source = isFirst || source === '' ? source : thing.source;
  thing.shown = walk.count;
}

/** Whether an earlier walk showed the thing, nothing else ever told of it, and this walk has not shown it (yet). */
export function isUnseen(walk: WalkState, thing: Sighting): boolean {
  return thing.origin === 'snapshot' && thing.shown !== walk.count;
}

/** Whether the last walk looked wherever the one before it did, so that what it did not show is not there. */
export function looksAsWide(walk: WalkState): boolean {
  const { gapsBefore } = walk;
  if (gapsBefore === null) return false;
  const isOld = (gap: NotCovered) =>
    gapsBefore.some((each) => each.path === gap.path && each.reason === gap.reason);
  return walk.gaps.every(isOld);
}
