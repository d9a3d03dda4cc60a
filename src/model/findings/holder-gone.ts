/** The process that pinned is gone; others hold the object, or a socket's queue does. */
import { judgeHeld } from '../certainty.ts';
import { holdersOf, inFlight } from '../holding.ts';
import { SETTLE_NS } from '../limits.ts';
import { holdersText, offset, pinText, taskName } from '../wording.ts';
import { NOTHING, type Rule } from './rule.ts';

export const holderGone: Rule = {
  id: 'holder-gone',
  severity: 'warning',
  thread: 'Ira Weiny, 21 Aug 2019',
  aboutPin: (pin, model, clock) => {
    const { taker } = pin;
    if (taker.exited === null || !clock.outlasts(taker.exited, pin.ended, SETTLE_NS)) return NOTHING;
    const holders = holdersOf(pin).filter((holding) => holding.task !== taker);
    const livedOn = pin.ended === null ? 'lives on' : `lived on until ${offset(model, pin.ended)}`;
    const where = inFlight(pin) ? 'in a socket queue' : 'with no descriptor that was seen';
    const by = holders.length > 0 ? `in ${holdersText(pin, holders)}` : where;
    return [
      {
        text: `${taskName(taker)} pinned ${pinText(pin)} and exited at ${offset(model, taker.exited)}; the pin ${livedOn} ${by}`,
        tasks: [taker, ...holders.map(({ task }) => task)],
        start: taker.exited,
        end: pin.ended,
        judgement: judgeHeld(model, pin),
      },
    ];
  },
};
