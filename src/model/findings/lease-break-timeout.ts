/** The kernel took a lease away because its holder did not answer a break in time. */
import { formatDuration } from '../../base/time.ts';
import { judgeHeld } from '../certainty.ts';
import { holdersOf } from '../holding.ts';
import { holdersText, leaseText, offset, takerName } from '../wording.ts';
import { NOTHING, type Rule } from './rule.ts';

export const leaseBreakTimeout: Rule = {
  id: 'lease-break-timeout',
  severity: 'warning',
  thread: 'Dave Chinner, 25 Aug 2019',
  aboutLease: (lease, model) => {
    if (lease.endedBy !== 'timeout' || lease.ended === null) return NOTHING;
    const { taker, breaking, ended } = lease;
    const holders = holdersOf(lease);
    const isElsewhere = holders.length > 0 && holders.every((holding) => holding.task !== taker);
    const held = isElsewhere ? ` (held by ${holdersText(lease, holders)})` : '';
    const after = breaking === null ? '' : ` after ${formatDuration(ended - breaking)}`;
    return [
      {
        text: `the kernel took the ${leaseText(lease)} of ${takerName(lease)}${held} away at ${offset(model, ended)}${after}: the break was not answered`,
        tasks: [...(taker === null ? [] : [taker]), ...holders.map(({ task }) => task)],
        start: breaking ?? ended,
        end: ended,
        judgement: judgeHeld(model, lease),
      },
    ];
  },
};
