/** The lease under which a pin was taken has ended; the pin has not. */
import { judgeHeld } from '../certainty.ts';
import { combine, DEFINITE, type Judgement, likely } from '../judgement.ts';
import { SETTLE_NS } from '../limits.ts';
import type { Lease, Pin } from '../state.ts';
import { leaseText, offset, pagesText, takerName } from '../wording.ts';
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
    const text = `the ${leaseText(lease)} of ${takerName(lease)} ended ${endText(lease)} at ${offset(model, lease.ended)}; the pin of ${pagesText(pin.taken, pin.bytes)} that was taken under it ${livedOn}`;
    return [
      {
        text,
        tasks: pin.taker === null ? [] : [pin.taker],
        start: lease.ended,
        end: pin.ended,
        judgement: combine(judgeHeld(model, lease), judgeHeld(model, pin), judgeOrder(pin)),
      },
    ];
  },
};

/** A walk finds both as they are: under which of them the other was taken it cannot tell. */
function judgeOrder({ origin }: Pin): Judgement {
  return origin === 'observed' ? DEFINITE : likely('that it was taken under that lease was not seen');
}

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
