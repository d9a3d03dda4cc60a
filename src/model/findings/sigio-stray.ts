/** The signal of a lease break went to a process that no longer has the file. */
import { judgeHeld } from '../certainty.ts';
import { holdersWhen } from '../holding.ts';
import { holdersText, leaseText, offset, taskName } from '../wording.ts';
import { NOTHING, type Rule } from './rule.ts';

export const sigioStray: Rule = {
  id: 'sigio-stray',
  severity: 'warning',
  thread: 'Dave Chinner, 25 Aug 2019',
  aboutLease: (lease, model) => {
    const strays = lease.signals.filter((signal) => signal.stray === true);
    if (strays.length === 0) return NOTHING;
    return strays.map(({ at, to, fd, signal }) => {
      const holders = holdersWhen(lease, at).filter((holding) => holding.task !== to);
      const instead = holders.length === 0 ? '' : `; the lease is held by ${holdersText(lease, holders)}`;
      return {
        text: `the break of the ${leaseText(lease)} was signalled (signal ${signal}, fd ${fd}) at ${offset(model, at)} to ${taskName(to)}, which no longer has the file${instead}`,
        tasks: [to, ...holders.map(({ task }) => task)],
        start: at,
        end: at,
        judgement: judgeHeld(model, lease),
        key: `${to.pid} ${lease.since}`,
      };
    });
  },
};
