/** The lease under which a pin was taken has ended; the pin has not. */
import { combine, judgeHeld } from '../certainty.ts';
import { SETTLE_NS } from '../limits.ts';
import type { Lease } from '../state.ts';
import { leaseText, offset, pagesText, taskName } from '../wording.ts';
import { isUnderLease } from './pin-without-lease.ts';
import { NOTHING, type Rule } from './rule.ts';

export const pinOutlivesLease: Rule = {
  id: 'pin-outlives-lease',
  severity: 'warning',
  thread: 'Jason Gunthorpe, 25 Aug 2019',
  aboutPin: (pin, model, clock) => {
    const { lease } = pin;
    if (lease === null || lease.ended === null || !isUnderLease(pin)) return NOTHING;
    if (!clock.outlasts(lease.ended, pin.ended, SETTLE_NS)) return NOTHING;
    const livedOn = pin.ended === null ? 'lives on' : `lived on until ${offset(model, pin.ended)}`;
    const text = `the ${leaseText(lease)} of ${taskName(lease.taker)} ended ${endText(lease)} at ${offset(model, lease.ended)}; the pin of ${pagesText(pin.taken, pin.bytes)} that was taken under it ${livedOn}`;
    return [
      {
        text,
        tasks: [pin.taker],
        start: lease.ended,
        end: pin.ended,
        judgement: combine(judgeHeld(model, lease), judgeHeld(model, pin)),
      },
    ];
  },
};

function endText(lease: Lease): string {
  switch (lease.endedBy) {
    case 'unlock':
      return 'by unlock';
    case 'close':
      return 'with its file';
    case 'timeout':
      return 'by the break timeout';
    default:
      return 'somehow';
  }
}
