/** Tasks wait for each other, or a task waits for what it holds itself. */
import { joinWords } from '../../base/text.ts';
import { blockersOf } from '../blockers.ts';
import { combine, likely } from '../judgement.ts';
import type { OperationRecord } from '../state.ts';
import { offset, operationText, taskName, waitText } from '../wording.ts';
import { judgeWait } from './blocked-operation.ts';
import { NOTHING, type Rule } from './rule.ts';

export const waitCycle: Rule = {
  id: 'wait-cycle',
  severity: 'critical',
  thread: 'Jason Gunthorpe, 25 Aug 2019',
  aboutOperation: (operation, model) => {
    const { cycle, waits } = operation;
    const wait = waits.find((each) => cycle !== null && (each.ended === null || each.ended >= cycle.at));
    if (cycle === null || wait === undefined) return NOTHING;
    const since = offset(model, cycle.at);
    const others = cycle.tasks.filter((task) => task !== operation.task);
    const text =
      others.length === 0
        ? `${operationText(operation)} waits since ${since} for ${waitText(wait.on)} that ${taskName(operation.task)} holds itself`
        : `${joinWords(cycle.tasks.map(taskName), 8)} wait for each other since ${since}, in a circle`;
    return [
      {
        text,
        tasks: cycle.tasks,
        start: cycle.at,
        end: wait.ended,
        judgement: combine(judgeWait(model, wait), judgeOthers(operation)),
      },
    ];
  },
};

/** A process with other threads, or others that hold the same, may still let go. */
function judgeOthers(operation: OperationRecord) {
  const wait = operation.waits.at(-1);
  const others = wait === undefined ? [] : blockersOf(wait).filter((task) => task !== operation.task);
  const isAlone = operation.cycle?.tasks.length === 1 && others.length === 0;
  if (operation.tid !== operation.task.pid) return likely('another thread of the process may let go');
  if (operation.cycle?.tasks.length === 1 && !isAlone) return likely('others that hold the same may let go');
  return combine();
}
