/** A truncate or hole punch took pages from the file while they were pinned, and waited for nobody. */
import { judgeHeld } from '../certainty.ts';
import { holdersWhen } from '../holding.ts';
import { dangerText, holdersText, offset, operationText, pagesText } from '../wording.ts';
import { NOTHING, type Rule } from './rule.ts';

export const freedUnderPin: Rule = {
  id: 'freed-under-pin',
  severity: 'critical',
  thread: 'Dave Chinner, 22 Aug 2019',
  aboutPin: (pin, model) => {
    if (pin.freed === null) return NOTHING;
    const { by, at } = pin.freed;
    const holders = holdersWhen(pin, at);
    const held = holders.length === 0 ? '' : `, held by ${holdersText(pin, holders)}`;
    const text = `${operationText(by)} freed pages of the file at ${offset(model, at)} under a pin of ${pagesText(pin.taken, pin.bytes)}${held}: ${dangerText(pin)}`;
    return [
      {
        text,
        tasks: [by.task, ...holders.map(({ task }) => task)],
        start: at,
        end: pin.ended,
        judgement: judgeHeld(model, pin),
      },
    ];
  },
};
