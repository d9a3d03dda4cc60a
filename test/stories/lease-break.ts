/**
 * What must be concluded from lease-break.c: one wait of one open, for one holder, who let go by unlocking. The many
 * rows of the kernel's wait loop must not become many breaks.
 */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, agreeOnOperation, conclude } from './agreement.ts';
import { agreeOnHolders } from './holders.ts';
import { only } from './truth.ts';

export const leaseBreak: Story = {
  name: 'lease-break',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => {
      const taken = only(found.truth, 'lease-taken');
      const released = only(found.truth, 'lease-released');
      return [
        ...agreeOnHolders(found.file, [{ kind: 'lease', taken, endedNs: released.t_ns, endedBy: 'unlock' }]),
        ...agreeOnOperation(found.file, {
          op: 'open',
          ended: only(found.truth, 'open-ended'),
          waited: { on: 'lease-break', blockers: [taken.pid], until: released },
          oneWait: true,
        }),
        ...agreeOnFindings(found, { must: [], may: ['blocked-operation'] }),
      ];
    }),
};
