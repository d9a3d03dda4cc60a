/**
 * An operation waits on for a page that nobody pins any more: the kernel missed its wake-up. Seen on 6.1 with direct
 * I/O from a DAX mapping (story direct-io-slow): stopping and continuing the process wakes it.
 */
import type { BootNs } from '../../event/event.ts';
import { judgeHeld, judgeSource } from '../certainty.ts';
import { combine } from '../judgement.ts';
import { MISSED_WAKE_NS } from '../limits.ts';
import { latestOf } from '../moments.ts';
import type { Model, OperationRecord, WaitRecord } from '../state.ts';
import { addressText, offset, operationText, wakingSteps } from '../wording.ts';
import { judgeWait } from './blocked-operation.ts';
import { type Clock, type Draft, NOTHING, type Rule } from './rule.ts';

export const waitWithoutHolder: Rule = {
  id: 'wait-without-holder',
  severity: 'critical',
  thread: 'Ira Weiny, 21 Aug 2019',
  aboutOperation: (operation, model, clock) => {
    const lone = operation.waits.find((each) => each.idle !== null);
    if (lone !== undefined) return [walkedWait(operation, lone, model)];
    const wait = operation.waits.find((each) => idleSince(operation, each, clock) !== null);
    const idle = wait === undefined ? null : idleSince(operation, wait, clock);
    if (wait === undefined || idle === null) return NOTHING;
    const { pid } = operation.task;
    const goesOn = wait.ended === null ? 'waits on' : `waited on until ${offset(model, wait.ended)}`;
    return [
      {
        text: `${operationText(operation)} ${goesOn} for a page that nobody has pinned since ${offset(model, idle)}: ${wakeText(pid)}`,
        tasks: [operation.task],
        start: idle,
        end: wait.ended,
        judgement: combine(judgeWait(model, wait), ...[...wait.pins].map((pin) => judgeHeld(model, pin))),
      },
    ];
  },
};

/** A walk saw the page idle under the sleeper. */
function walkedWait(operation: OperationRecord, wait: WaitRecord, model: Model): Draft {
  const at = wait.idle ?? wait.since;
  const page = wait.pages.at(-1);
  const which = page === undefined ? '' : ` (page ${addressText(model, page)})`;
  const goesOn = wait.ended === null ? 'waits' : `waited until ${offset(model, wait.ended)}`;
  return {
    text: `${operationText(operation)} ${goesOn} for a page${which} that nobody held at ${offset(model, at)}: ${wakeText(operation.task.pid)}`,
    tasks: [operation.task],
    start: at,
    end: wait.ended,
    judgement: combine(judgeSource(operation), judgeWait(model, wait)),
    key: `${operation.tid} ${wait.since}`,
  };
}

function wakeText(pid: number): string {
  return `the kernel missed its wake-up; ${wakingSteps(pid)} wakes it`;
}

/** Since when all that was waited for is gone, if that is long enough ago and nothing else is pinned. */
function idleSince({ inode }: OperationRecord, wait: WaitRecord, clock: Clock): BootNs | null {
  if (wait.on !== 'dax-page' || wait.pins.size === 0) return null;
  const ends = [...wait.pins].flatMap(({ ended }) => (ended === null ? [] : [ended]));
  const last = ends.length === wait.pins.size ? latestOf(ends) : null;
  if (last === null || last < wait.since) return null;
  if (wait.ended === null && inode.pins.size > 0) return null;
  return clock.outlasts(last, wait.ended, MISSED_WAKE_NS) ? last : null;
}
