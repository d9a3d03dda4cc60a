/** The answer to "who pins this file?": its holders, what waits for them, what to let go of, and how sure that is. */
import type { InodeKey } from '../../event/event.ts';
import type { WhoAnswer } from '../answer.ts';
import { judgeContradicted, judgeHeld, judgeSource, UNFINISHED_WALK } from '../certainty.ts';
import { lostRows, notCovered, startOf } from '../coverage.ts';
import { judgeWait } from '../findings/blocked-operation.ts';
import { generationsOf } from '../inodes.ts';
import { combine, DEFINITE, type Judgement, likely, unknown } from '../judgement.ts';
import { SETTLE_NS } from '../limits.ts';
import { judgeLate, judgeLoss } from '../loss.ts';
import { targetOf } from '../names.ts';
import type { Inode, Lease, Model, OperationRecord, Pin, WaitRecord } from '../state.ts';
import { isWalkAlone, seesPins } from '../traced.ts';
import { offset } from '../wording.ts';
import { holderOf, judgePossibleHolder, operationOf, possibleHolder } from './holders.ts';
import { compareHeld } from './rank.ts';
import { targetOfKey } from './target.ts';
import { toFree } from './to-free.ts';
import {
  balanceReasons,
  judgeNobody,
  judgePossible,
  lostReasons,
  pinBalance,
  possiblePins,
  usersOf,
} from './walked.ts';

/** So many ended operations are told, and ended holders besides those that went last; a report tells all. */
const LATEST = 20;

/**
 * The answer as of the model's last event. Holders are those of now, those first that
 * would stop a truncate; where nobody holds the file any more, those that
 * did last, with `ended_ns`. Operations: those that run, and the latest that ended.
 */
export function whoAnswer(model: Model, key: InodeKey): WhoAnswer {
  const inode = model.inodes.get(key);
  const generations = inode === undefined ? [] : generationsOf(inode);
  const live = liveHolders(generations);
  const ended = generations.flatMap((each) => endedHolders(each)).sort(bySince);
  const operations = generations.flatMap((each) => allOperations(each));
  return answerOf(model, key, inode, {
    shown: live.length > 0 ? live : lastOf(ended),
    live,
    operations: operations.sort(byStart).slice(-LATEST),
    possible: possiblePins(model, key),
  });
}

/** Those that let go last, all at once perhaps, and the latest of the others. */
function lastOf(ended: readonly (Lease | Pin)[]): readonly (Lease | Pin)[] {
  const last = ended.reduce((latest, held) => Math.max(latest, held.ended ?? 0), 0);
  return ended.filter((held, i) => i >= ended.length - LATEST || (held.ended ?? 0) >= last - SETTLE_NS);
}

/** The answer about one inode with all that is remembered of it, ended holders included: what a report lists. */
export function wholeAnswer(model: Model, inode: Inode): WhoAnswer {
  const live = [...inode.leases, ...inode.pins];
  return answerOf(model, inode.key, inode, {
    shown: [...endedHolders(inode), ...live].sort(bySince),
    live,
    operations: allOperations(inode).sort(byStart),
    possible: [],
  });
}

/** What an answer is made of. */
interface Parts {
  readonly shown: readonly (Lease | Pin)[];
  readonly live: readonly (Lease | Pin)[];
  readonly operations: readonly OperationRecord[];
  /** Pins that may be of this file. */
  readonly possible: readonly Pin[];
}

function answerOf(model: Model, key: InodeKey, inode: Inode | undefined, parts: Parts): WhoAnswer {
  const { shown, live, operations, possible } = parts;
  const judgement = judge(model, key, inode, parts);
  return {
    target: inode === undefined ? targetOfKey(model, key) : targetOf(model, inode),
    holders: [
      ...shown.map((held) => holderOf(model, held)),
      ...possible.map((pin) => possibleHolder(model, pin)),
    ],
    operations: operations.map((operation) => operationOf(model, operation)),
    users: usersOf(model, key),
    pin_balance: pinBalance(model),
    walked_ns: model.walk.at,
    to_free: toFree(model, live.length > 0 ? live : possible, operations),
    certainty: judgement.certainty,
    reasons: [
      ...new Set([
        ...judgement.reasons,
        ...lostReasons(model, key),
        ...balanceReasons(model),
        ...cutReasons(model),
      ]),
    ],
    loss: { rows: lostRows(model.coverage) },
    not_covered: notCovered(model),
    at_ns: model.coverage.now,
    from_ns: isWalkAlone(model) ? (model.walk.at ?? startOf(model)) : startOf(model),
  };
}

function judge(model: Model, key: InodeKey, inode: Inode | undefined, parts: Parts): Judgement {
  const { shown, live, operations, possible } = parts;
  const waits = operations.flatMap((each) => each.waits.map((wait) => judgeTold(model, each, wait)));
  const isWaiting = operations.some((each) => each.waits.some((wait) => wait.ended === null));
  const isEmpty = isWalkAlone(model)
    ? live.length + possible.length === 0 && !isWaiting
    : shown.length === 0 && operations.length === 0;
  return combine(
    isEmpty ? judgeNothing(model, inode) : DEFINITE,
    ...shown.map((held) => judgeHeld(model, held)),
    ...waits,
    isWalkAlone(model) || seesPins(model.header) ? DEFINITE : likely('pins are not traced on this kernel'),
    ...judgePossible(model, key, inode, live.length > 0),
    judgeCandidates(model, live, possible),
    judgeVanished(inode, shown),
    inode === undefined ? DEFINITE : judgeContradicted(model, inode, model.coverage.now),
    judgeLate(
      model,
      key,
      operations.map(({ task }) => task.pid),
    ),
    judgeTrace(model),
  );
}

/** Who holds it now rests also on the ends of those that held it before. */
function judgeVanished(inode: Inode | undefined, shown: readonly (Lease | Pin)[]): Judgement {
  const ended = inode === undefined ? [] : generationsOf(inode).flatMap(endedHolders);
  const isUnseen = (held: Lease | Pin) =>
    held.presumed && held.origin === 'observed' && !shown.includes(held);
  return ended.some(isUnseen) ? likely('the end of an earlier lease or pin was not seen') : DEFINITE;
}

/** A wait that is over is not what is asked: that it is not known for whom it was makes the rest no less known. */
function judgeTold(model: Model, operation: OperationRecord, wait: WaitRecord): Judgement {
  const judgement = combine(judgeSource(operation), judgeWait(model, wait));
  if (wait.ended === null || judgement.certainty !== 'unknown') return judgement;
  return { ...judgement, certainty: 'likely' };
}

/** Nothing is known of the file: a walk would have shown a holder. */
function judgeNothing(model: Model, inode: Inode | undefined): Judgement {
  if (model.walk.isFinished) return judgeNobody(model);
  if (inode === undefined) {
    const start = offset(model, startOf(model));
    return unknown(`nothing about this file was seen; a lease or pin taken before ${start} would not show`);
  }
  return unknown('no lease or pin of this file was seen; one taken before tracing began would not show');
}

/** Pins that may be this file's: next to those that are, they only leave it open whether these are all. */
function judgeCandidates(model: Model, live: readonly (Lease | Pin)[], possible: readonly Pin[]): Judgement {
  const judgement = combine(...possible.map((pin) => judgePossibleHolder(model, pin)));
  if (live.length === 0 || possible.length === 0) return judgement;
  return { certainty: 'likely', reasons: judgement.reasons };
}

/** What bears on every answer: rows that matter were lost, or the start of the trace was not seen. */
export function judgeTrace(model: Model): Judgement {
  const { coverage } = model;
  const start = startOf(model);
  return combine(judgeStart(model), judgeLoss(model, start, coverage.now, null, 'trace'));
}

function judgeStart(model: Model): Judgement {
  if (isWalkAlone(model)) {
    return model.walk.isFinished ? DEFINITE : UNFINISHED_WALK;
  }
  if (model.coverage.from === null) return likely('the start of the trace was not seen');
  return model.walk.count > 0 && !model.walk.isFinished ? UNFINISHED_WALK : DEFINITE;
}

/** A trace that broke off is right up to there: the answer is as of that moment. */
export function cutReasons(model: Model): readonly string[] {
  const { cut, now, seams } = model.coverage;
  return [
    ...seams.map(({ at, why }) => `at ${offset(model, at)} there is a seam: ${why}`),
    ...(cut === null ? [] : [`the trace broke off at ${offset(model, now)}: this is as of then`]),
  ];
}

/** Leases and pins that have not ended, those first that would stop a truncate. */
export function liveHolders(generations: readonly Inode[]): (Lease | Pin)[] {
  return generations.flatMap((each) => [...each.leases, ...each.pins]).sort(compareHeld);
}

/** Leases and pins of an inode that have ended, as far as they are remembered, in the order of their ends. */
export function endedHolders(inode: Inode): (Lease | Pin)[] {
  const holders: (Lease | Pin)[] = [];
  for (const ended of inode.past) if (ended.kind === 'lease' || ended.kind === 'pin') holders.push(ended);
  return holders;
}

/** Operations on an inode that are over, then those that run. */
export function allOperations(inode: Inode): OperationRecord[] {
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
