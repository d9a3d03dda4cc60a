/** A long-term pin of file pages by a process without an active lease on that file. */
import { judgeAbsentLease } from '../certainty.ts';
import type { Pin } from '../state.ts';
import { pinText, taskName } from '../wording.ts';
import { NOTHING, type Rule } from './rule.ts';

export const pinWithoutLease: Rule = {
  id: 'pin-without-lease',
  severity: 'note',
  thread: 'Dave Chinner, 19 Aug 2019',
  aboutPin: (pin, model) => {
    const { taker, lease } = pin;
    // Whether it had one when it pinned, nobody can tell who was not there.
    if (taker === null || pin.origin === 'snapshot') return NOTHING;
    if (!pin.longterm || isUnderLease(pin)) return NOTHING;
    const end = lease !== null && lease.since > pin.since ? lease.since : pin.ended;
    return [
      {
        text: `${taskName(taker)} pinned ${pinText(pin)} without a lease on the file`,
        tasks: [taker],
        start: pin.since,
        end,
        judgement: judgeAbsentLease(model, taker),
        key: String(taker.pid),
      },
    ];
  },
};

/** Whether the pin was taken under a lease. */
export function isUnderLease({ lease, since }: Pin): boolean {
  return lease !== null && lease.since <= since && (lease.ended === null || lease.ended > since);
}
