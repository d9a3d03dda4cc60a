/** The process that pinned is gone; others hold the object, or a socket's queue does. */
import type { BootNs } from '../../event/event.ts';
import { judgeHeld } from '../certainty.ts';
import { type Holding, holdersOf, inFlight, letGoBefore } from '../holding.ts';
import { SETTLE_NS } from '../limits.ts';
import { laterOf } from '../moments.ts';
import type { Model, Pin } from '../state.ts';
import { holdersText, offset, pinText, taskName } from '../wording.ts';
import { type Clock, NOTHING, type Rule } from './rule.ts';

export const holderGone: Rule = {
  id: 'holder-gone',
  severity: 'warning',
  thread: 'Ira Weiny, 21 Aug 2019',
  aboutPin: (pin, model, clock) => {
    const { taker } = pin;
    const gone = taker === null ? null : taker.gone ? pin.since : taker.exited;
    if (taker === null || gone === null || !isLongGone(pin, gone, clock)) return NOTHING;
    const holders = holdersOf(pin).filter((holding) => holding.task !== taker);
    const livedOn = pin.ended === null ? 'lives on' : `lived on until ${offset(model, pin.ended)}`;
    const where = inFlight(pin) ? 'in a socket queue' : 'with no descriptor that was seen';
    const when = taker.gone ? 'had exited when the walk looked' : `exited at ${offset(model, gone)}`;
    const by =
      holders.length > 0 ? `in ${holdersText(pin, holders)}${untilText(model, pin, holders)}` : where;
    return [
      {
        text: `${taskName(taker)} pinned ${pinText(pin)} and ${when}; the pin ${livedOn} ${by}`,
        tasks: [taker, ...holders.map(({ task }) => task)],
        start: gone,
        end: pin.ended,
        judgement: judgeHeld(model, pin),
      },
    ];
  },
};

/** The last of them let go before the pin ended: it lay in a queue. */
function untilText(model: Model, pin: Pin, holders: readonly Holding[]): string {
  const times = holders.map((holding) => letGoBefore(pin, holding));
  const known = times.filter((at) => at !== null);
  const last = known.reduce((one, other) => laterOf(one, other), pin.since);
  return known.length < times.length ? '' : `, which let go at ${offset(model, last)}`;
}

function isLongGone({ taker, ended }: Pin, gone: BootNs, clock: Clock): boolean {
  return taker?.gone === true || clock.outlasts(gone, ended, SETTLE_NS);
}
