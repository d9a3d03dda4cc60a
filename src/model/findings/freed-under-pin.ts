/** A truncate or hole punch took pages from the file while they were pinned, and waited for nobody. */
import { judgeHeld } from '../certainty.ts';
import { holdersWhen } from '../holding.ts';
import { combine, likely } from '../judgement.ts';
import type { Model, Pin } from '../state.ts';
import { dangerText, holdersText, offset, operationText, pagesText } from '../wording.ts';
import { type Draft, NOTHING, type Rule } from './rule.ts';

export const freedUnderPin: Rule = {
  id: 'freed-under-pin',
  severity: 'critical',
  thread: 'Dave Chinner, 22 Aug 2019',
  aboutPin: (pin, model) => {
    if (pin.freed === null) return pin.orphan ? [lostPages(pin, model)] : NOTHING;
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

/** A walk found the pages when they were no file's any more: it happened, but nobody was there to see by whom. */
function lostPages(pin: Pin, model: Model): Draft {
  const holders = holdersWhen(pin, pin.ended);
  const held = holders.length === 0 ? '' : `, held by ${holdersText(pin, holders)}`;
  return {
    text: `pages were taken from their file under a pin of ${pagesText(pin.taken, pin.bytes)}${held}: ${dangerText(pin)}`,
    tasks: holders.map(({ task }) => task),
    start: pin.since,
    end: pin.ended,
    judgement: combine(
      judgeHeld(model, pin),
      likely('the truncate, hole punch or unlink that did it was not seen'),
    ),
    key: `${pin.object} ${pin.since}`,
  };
}
