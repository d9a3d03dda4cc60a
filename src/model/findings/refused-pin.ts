/** The kernel refused a long-term pin: EOPNOTSUPP for DAX, EFAULT for a writable page-cache mapping (6.5 and later). */
import { errnoName } from '../../base/text.ts';
import { judgeLoss } from '../loss.ts';
import type { Refusal } from '../state.ts';
import { pinObject, taskName } from '../wording.ts';
import { NOTHING, type Rule } from './rule.ts';

const EFAULT = -14;
const EOPNOTSUPP = -95;

export const refusedPin: Rule = {
  id: 'refused-pin',
  severity: 'note',
  thread: 'Ira Weiny, 9 Aug 2019',
  aboutRefusal: (refusal, model) => {
    if (refusal.what !== 'pin' || !refusal.longterm) return NOTHING;
    const { task, error, at, last, count, via } = refusal;
    const what = via === null || via === 'other' ? '' : ` for its ${pinObject(via, '')}`;
    const often = count > 1 ? `, ${count} times` : '';
    const text = `${taskName(task)} was refused a long-term pin of this file${what} with ${errnoName(error)}${often}${reason(refusal)}`;
    const judgement = judgeLoss(model, at, at, new Set(['pin.refused']));
    return [{ text, tasks: [task], start: at, end: last, judgement, key: `${task.pid} ${error}` }];
  },
};

function reason({ error, write }: Refusal): string {
  if (error === EOPNOTSUPP) return ': the kernel does not pin DAX files for long';
  if (error === EFAULT && write) return ': the kernel does not pin shared page-cache pages for writing';
  return '';
}
