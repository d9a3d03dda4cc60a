/** An operation waits, or waited, longer than a threshold: for what, and through whom. */
import { joinWords } from '../../base/text.ts';
import { formatDuration } from '../../base/time.ts';
import { blockersOf, obstaclesOf } from '../blockers.ts';
import { judgeHeld } from '../certainty.ts';
import { combine, DEFINITE, type Judgement, likely, unknown } from '../judgement.ts';
import { BLOCKED_NS } from '../limits.ts';
import { judgeLoss } from '../loss.ts';
import type { Model, OperationRecord, WaitRecord } from '../state.ts';
import { holdersText, leaseText, offset, operationText, pinObject, takerName, waitText } from '../wording.ts';
import { type Clock, NOTHING, type Rule } from './rule.ts';

export const blockedOperation: Rule = {
  id: 'blocked-operation',
  severity: 'warning',
  thread: 'Ira Weiny, 21 Aug 2019',
  aboutOperation: (operation, model, clock) => {
    const { waits } = operation;
    const [first] = waits;
    const last = waits.at(-1);
    const longest = longestWait(waits, model, clock);
    if (first === undefined || last === undefined || longest === null) return NOTHING;
    const before = waits.reduce((sum, wait) => (wait === last ? sum : sum + lengthOf(wait, model)), 0);
    if (!clock.outlasts(last.since, last.ended, BLOCKED_NS - before)) return NOTHING;
    const time =
      last.ended === null
        ? goesOnText(operation, first, model)
        : `waited ${formatDuration(waitedNs(operation, model))}`;
    return [
      {
        text: `${operationText(operation)} ${time} for ${causeText(longest)}`,
        tasks: [operation.task, ...waits.flatMap(blockersOf)],
        start: first.since,
        end: last.ended,
        judgement: judgeWait(model, longest),
      },
    ];
  },
};

/** The moment that it fell asleep lies before all others where a walk found it waiting: its length then says more. */
function goesOnText({ found }: OperationRecord, first: WaitRecord, model: Model): string {
  if (found === null || first.since >= found) return `has been waiting since ${offset(model, first.since)}`;
  return `had been waiting for at least ${formatDuration(found - first.since)} at ${offset(model, found)}`;
}

/** How long an operation has waited so far, ns. */
export function waitedNs(operation: OperationRecord, model: Model): number {
  return operation.waits.reduce((sum, wait) => sum + lengthOf(wait, model), 0);
}

/** How certain it is that these are the ones that were waited for. */
export function judgeWait(model: Model, wait: WaitRecord): Judgement {
  const held = [...wait.leases, ...wait.pins];
  if (wait.idle !== null) return DEFINITE;
  if (held.length === 0) return unknown(unseenText(wait, model));
  const match = wait.matched
    ? DEFINITE
    : likely('the busy page is not the first of a pin: all pins of this file are named');
  return combine(
    match,
    judgeLoss(model, wait.since, wait.ended ?? model.coverage.now),
    ...held.map((each) => judgeHeld(model, each)),
  );
}

function unseenText(wait: WaitRecord, model: Model): string {
  const at = model.walk.at;
  if (at !== null && wait.since <= at) return `the walk found nothing that holds ${waitText(wait.on)}`;
  return `what kept ${waitText(wait.on)} waiting was not seen taken`;
}

/** Of the waits that have ended, the longest; the one that goes on, once it has outlasted that. */
function longestWait(waits: readonly WaitRecord[], model: Model, clock: Clock): WaitRecord | null {
  let longest: WaitRecord | null = null;
  for (const wait of waits) {
    if (longest === null) longest = wait;
    else if (clock.outlasts(wait.since, wait.ended, lengthOf(longest, model))) longest = wait;
  }
  return longest;
}

function lengthOf(wait: WaitRecord, model: Model): number {
  return Math.max(0, (wait.ended ?? model.coverage.now) - wait.since);
}

function causeText(wait: WaitRecord): string {
  const obstacles = obstaclesOf(wait);
  if (wait.idle !== null && obstacles.length === 0) return `${waitText(wait.on)} that nobody holds`;
  if (obstacles.length === 0) return `${waitText(wait.on)}; who holds it was not seen`;
  const texts = obstacles.map(({ held, holders }) => {
    const what =
      held.kind === 'lease'
        ? `the ${leaseText(held)} of ${takerName(held)}`
        : `a page pinned by ${takerName(held)} (${pinObject(held.via, held.device)})`;
    const isOwn = holders.length === 1 && holders[0]?.task === held.taker;
    if (isOwn) return what;
    return holders.length === 0 ? what : `${what}, held by ${holdersText(held, holders)}`;
  });
  return joinWords(texts, 3);
}
