/** The process that took a lease closed its descriptor or died, and the lease lives on in other hands. */
import type { BootNs } from '../../event/event.ts';
import { judgeHeld } from '../certainty.ts';
import { holdersOf, inFlight, isKernelLease } from '../holding.ts';
import { holdOf } from '../holds.ts';
import { SETTLE_NS } from '../limits.ts';
import type { Lease, Task } from '../state.ts';
import { holdersText, leaseText, offset, taskName } from '../wording.ts';
import { NOTHING, type Rule } from './rule.ts';

export const zombieLease: Rule = {
  id: 'zombie-lease',
  severity: 'warning',
  thread: 'Dave Chinner, 16 Aug 2019',
  aboutLease: (lease, model, clock) => {
    const { taker } = lease;
    if (taker === null || isKernelLease(lease)) return NOTHING;
    const left = leftAt(lease, taker);
    if (left === null || !(taker.gone || clock.outlasts(left, lease.ended, SETTLE_NS))) return NOTHING;
    const holders = holdersOf(lease).filter((holding) => holding.task !== taker);
    const how = taker.exited !== null && taker.exited <= left ? 'exited' : 'closed its descriptor';
    const when = taker.gone ? 'had exited when the walk looked' : `${how} at ${offset(model, left)}`;
    const livedOn = lease.ended === null ? 'lives on' : `lived on until ${offset(model, lease.ended)}`;
    const where = inFlight(lease) ? 'in a socket queue' : 'with no descriptor that was seen';
    const by = holders.length > 0 ? `in ${holdersText(lease, holders)}` : where;
    return [
      {
        text: `${taskName(taker)} took a ${leaseText(lease)} and ${when}; the lease ${livedOn} ${by}`,
        tasks: [taker, ...holders.map(({ task }) => task)],
        start: left,
        end: lease.ended,
        judgement: judgeHeld(model, lease),
      },
    ];
  },
};

/** When the taker let go of the file; null while it has it, or where that is not known. */
function leftAt({ file, since }: Lease, taker: Task): BootNs | null {
  if (taker.gone) return since;
  if (taker.exited === null && holdOf(file, taker.table) !== undefined) return null;
  const own = file.past.findLast((hold) => hold.task === taker || hold.table === taker.table);
  if (own === undefined || own.until === null) return taker.exited;
  return taker.exited !== null && taker.exited < own.until ? taker.exited : own.until;
}
