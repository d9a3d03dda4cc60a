/** The process that took a lease closed its descriptor or died, and the lease lives on in other hands. */
import type { BootNs } from '../../event/event.ts';
import { judgeHeld } from '../certainty.ts';
import { holdersOf, inFlight, isKernelLease, wasWalked } from '../holding.ts';
import { holdOf } from '../holds.ts';
import { SETTLE_NS } from '../limits.ts';
import type { Hold, Lease, Model, Task } from '../state.ts';
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
    const wasLeft = left !== null && (taker.gone || isLeftBefore(lease, taker));
    if (left === null || !(wasLeft || clock.outlasts(left, lease.ended, SETTLE_NS))) return NOTHING;
    const holders = holdersOf(lease).filter((holding) => holding.task !== taker);
    const when = whenText(model, lease, taker, left);
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

function whenText(model: Model, lease: Lease, taker: Task, left: BootNs): string {
  if (taker.gone) return 'had exited when the walk looked';
  if (isLeftBefore(lease, taker)) return 'had closed its descriptor when the walk looked';
  const how = taker.exited !== null && taker.exited <= left ? 'exited' : 'closed its descriptor';
  return `${how} at ${offset(model, left)}`;
}

/** A walk saw everybody who has the file, and the taker never was among them. */
function isLeftBefore({ file, ended }: Lease, taker: Task): boolean {
  const isHolder = (hold: Hold) => hold.task === taker || hold.table === taker.table;
  return wasWalked(file, ended) && !file.held.some(isHolder) && !file.past.some(isHolder);
}

/** When the taker let go of the file; null while it has it, or where that is not known. */
function leftAt(lease: Lease, taker: Task): BootNs | null {
  const { file, since } = lease;
  if (taker.gone || isLeftBefore(lease, taker)) return since;
  if (taker.exited === null && holdOf(file, taker.table) !== undefined) return null;
  const own = file.past.findLast((hold) => hold.task === taker || hold.table === taker.table);
  if (own === undefined || own.until === null) return taker.exited;
  return taker.exited !== null && taker.exited < own.until ? taker.exited : own.until;
}
