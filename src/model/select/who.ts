/** The answer to "who pins this file?": its holders, what waits for them, what to let go of, and how sure that is. */
import type { InodeKey } from '../../event/event.ts';
import type { WhoAnswer } from '../answer.ts';
import { combine, DEFINITE, type Judgement, judgeHeld, judgeLoss, likely, unknown } from '../certainty.ts';
import { lostRows, startOf } from '../coverage.ts';
import { judgeWait } from '../findings/blocked-operation.ts';
import { generationsOf } from '../inodes.ts';
import { targetOf } from '../names.ts';
import type { Inode, Lease, Model, OperationRecord, Pin } from '../state.ts';
import { seesPins } from '../traced.ts';
import { offset } from '../wording.ts';
import { holderOf, operationOf } from './holders.ts';
import { targetOfKey } from './target.ts';
import { toFree } from './to-free.ts';

/** So many ended holders and operations are told; a report tells all. */
const LATEST = 20;

/**
 * The answer as of the model's last event. Holders are those of now; where nobody holds the file any more, those that
 * did last, with `ended_ns`. Operations: those that run, and the latest that ended.
 */
export function whoAnswer(model: Model, key: InodeKey): WhoAnswer {
  const inode = model.inodes.get(key);
  if (inode === undefined) {
    const reason = `nothing about this file was seen; a lease or pin taken before ${offset(model, startOf(model))} would not show`;
    return {
      ...frame(model, unknown(reason)),
      target: targetOfKey(model, key),
      holders: [],
      operations: [],
      to_free: [],
    };
  }
  const generations = generationsOf(inode);
  const live = generations.flatMap((each) => [...each.leases, ...each.pins]).sort(bySince);
  const ended = generations.flatMap((each) => endedHolders(each)).sort(bySince);
  const operations = generations.flatMap((each) => allOperations(each));
  const shown = live.length > 0 ? live : ended.slice(-LATEST);
  return answerOf(model, inode, shown, operations.sort(byStart).slice(-LATEST), live);
}

/** The answer about one inode with all that is remembered of it, ended holders included: what a report lists. */
export function wholeAnswer(model: Model, inode: Inode): WhoAnswer {
  const live = [...inode.leases, ...inode.pins];
  const holders = [...endedHolders(inode), ...live].sort(bySince);
  return answerOf(model, inode, holders, allOperations(inode).sort(byStart), live);
}

function answerOf(
  model: Model,
  inode: Inode,
  shown: readonly (Lease | Pin)[],
  operations: readonly OperationRecord[],
  live: readonly (Lease | Pin)[],
): WhoAnswer {
  const waits = operations.flatMap((each) => each.waits).filter((wait) => wait.ended === null);
  const nothing =
    shown.length === 0 && operations.length === 0
      ? unknown('no lease or pin of this file was seen; one taken before tracing began would not show')
      : DEFINITE;
  const judgement = combine(
    nothing,
    ...shown.map((held) => judgeHeld(model, held)),
    ...waits.map((wait) => judgeWait(model, wait)),
    seesPins(model.header) ? DEFINITE : likely('pins are not traced on this kernel'),
    judgeTrace(model),
  );
  return {
    ...frame(model, judgement),
    target: targetOf(model, inode),
    holders: shown.map((held) => holderOf(model, held)),
    operations: operations.map((operation) => operationOf(model, operation)),
    to_free: toFree(model, live),
  };
}

function frame(model: Model, judgement: Judgement) {
  return {
    certainty: judgement.certainty,
    reasons: [...judgement.reasons, ...cutReasons(model)],
    loss: { rows: lostRows(model.coverage) },
    not_covered: model.header.left_out,
    at_ns: model.coverage.now,
    from_ns: startOf(model),
  };
}

/** What bears on every answer: rows that matter were lost, or the start of the trace was not seen. */
export function judgeTrace(model: Model): Judgement {
  const { coverage } = model;
  const start = startOf(model);
  const begun = coverage.from === null ? likely('the start of the trace was not seen') : DEFINITE;
  return combine(begun, judgeLoss(model, start, coverage.now));
}

/** A trace that broke off is right up to there: the answer is as of that moment. */
export function cutReasons(model: Model): readonly string[] {
  const { cut, now } = model.coverage;
  return cut === null ? [] : [`the trace broke off at ${offset(model, now)}: this is as of then`];
}

function endedHolders(inode: Inode): (Lease | Pin)[] {
  const holders: (Lease | Pin)[] = [];
  for (const ended of inode.past) if (ended.kind === 'lease' || ended.kind === 'pin') holders.push(ended);
  return holders;
}

function allOperations(inode: Inode): OperationRecord[] {
  const operations: OperationRecord[] = [];
  for (const ended of inode.past) if (ended.kind === 'operation') operations.push(ended);
  return [...operations, ...inode.operations];
}

function bySince(one: Lease | Pin, other: Lease | Pin): number {
  return one.since - other.since;
}

function byStart(one: OperationRecord, other: OperationRecord): number {
  return one.started - other.started;
}
