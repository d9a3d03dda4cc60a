/** A call failed at once for the sake of a lease or a pin: ETXTBSY, EAGAIN (EWOULDBLOCK), EBUSY, EDEADLK. */
import { errnoName, joinWords } from '../../base/text.ts';
import type { RowKind } from '../../event/schema.ts';
import { judgeHeld } from '../certainty.ts';
import { holdersWhen } from '../holding.ts';
import { combine } from '../judgement.ts';
import { judgeLoss } from '../loss.ts';
import type { Lease, Pin } from '../state.ts';
import { leaseText, operationText, pinObject, takerName } from '../wording.ts';
import { NOTHING, type Rule } from './rule.ts';

const CALL_ROWS = new Set<RowKind>([
  'open.ended',
  'truncate.began',
  'truncate.ended',
  'hole.began',
  'hole.ended',
]);

export const refusedOperation: Rule = {
  id: 'refused-operation',
  severity: 'warning',
  thread: 'Ira Weiny, 29 Aug 2019',
  aboutOperation: (operation, model) => {
    const { refusedBy, result, ended, task } = operation;
    if (refusedBy.length === 0 || ended === null || result === null || result >= 0) return NOTHING;
    const holders = refusedBy.flatMap((held) => holdersWhen(held, ended).map((holding) => holding.task));
    const text = `${operationText(operation)} was refused with ${errnoName(result)}: ${joinWords(refusedBy.map(inTheWay), 3)}`;
    return [
      {
        text,
        tasks: [task, ...holders],
        start: ended,
        end: ended,
        judgement: combine(
          // the end of a break stands in for a call's end that was lost, and for a call whose begin was
          judgeLoss(model, operation.started, ended, CALL_ROWS),
          ...refusedBy.map((held) => judgeHeld(model, held)),
        ),
        key: `${task.pid} ${result}`,
      },
    ];
  },
};

function inTheWay(held: Lease | Pin): string {
  return held.kind === 'lease'
    ? `${takerName(held)} has a ${leaseText(held)}`
    : `${takerName(held)} pinned pages (${pinObject(held.via, held.device)})`;
}
