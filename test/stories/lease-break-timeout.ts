/** What must be concluded from lease-break-timeout.c: the kernel took the lease away, and the opener waited for that. */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, agreeOnOperation, conclude } from './agreement.ts';
import { agreeOnHolders } from './holders.ts';
import { only } from './truth.ts';

export const leaseBreakTimeout: Story = {
  name: 'lease-break-timeout',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => {
      const taken = only(found.truth, 'lease-taken');
      const opened = only(found.truth, 'open-ended');
      return [
        ...agreeOnHolders(found.file, [{ kind: 'lease', taken, endedNs: opened.t_ns, endedBy: 'timeout' }]),
        ...agreeOnOperation(found.file, {
          op: 'open',
          ended: opened,
          waited: { on: 'lease-break', blockers: [taken.pid], until: opened },
          oneWait: true,
        }),
        ...agreeOnFindings(found, {
          must: [{ id: 'lease-break-timeout', pids: [taken.pid] }],
          may: ['blocked-operation'],
        }),
      ];
    }),
};
