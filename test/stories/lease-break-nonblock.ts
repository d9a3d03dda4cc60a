/** What must be concluded from lease-break-nonblock.c: an open was refused at once, and the break went on without it. */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, agreeOnOperation, conclude } from './agreement.ts';
import { agreeOnHolders } from './holders.ts';
import { only } from './truth.ts';

export const leaseBreakNonblock: Story = {
  name: 'lease-break-nonblock',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => {
      const taken = only(found.truth, 'lease-taken');
      const released = only(found.truth, 'lease-released');
      const refused = only(found.truth, 'open-ended');
      return [
        ...agreeOnHolders(found.file, [{ kind: 'lease', taken, endedNs: released.t_ns, endedBy: 'unlock' }]),
        ...agreeOnOperation(found.file, { op: 'open', ended: refused, waited: null }),
        ...agreeOnFindings(found, { must: [{ id: 'refused-operation', pids: [refused.pid] }] }),
      ];
    }),
};
