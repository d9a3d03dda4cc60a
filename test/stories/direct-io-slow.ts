/**
 * What must be concluded from direct-io-slow.c: truncate waited for the writer's short-term pins. On 6.1 it slept on
 * when they were gone: nobody holds anything, the kernel missed its wake-up, and a signal is what helps.
 */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, agreeOnOperation, conclude } from './agreement.ts';
import { agreeOnHolders } from './holders.ts';
import { every, only } from './truth.ts';

export const directIoSlow: Story = {
  name: 'direct-io-slow',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 180_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => {
      const { truth, file } = found;
      const pinned = only(truth, 'pages-pinned');
      const truncated = only(truth, 'truncate-ended');
      const released = only(truth, 'pages-released');
      const [woken] = every(truth, 'woken');
      return [
        ...agreeOnHolders(file, [
          {
            kind: 'pin',
            taken: pinned,
            endedNs: released.t_ns,
            leaseEndedBy: null,
            freedBy: null,
          },
        ]),
        ...agreeOnOperation(file, {
          op: 'truncate',
          ended: truncated,
          waited: { on: 'dax-page', blockers: [pinned.pid], until: woken ?? released },
        }),
        ...agreeOnFindings(found, {
          must: [
            { id: 'blocked-operation', pids: [truncated.pid, pinned.pid] },
            ...(woken !== undefined ? ([{ id: 'wait-without-holder', pids: [truncated.pid] }] as const) : []),
          ],
        }),
      ];
    }),
};
