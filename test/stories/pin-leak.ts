/** What must be concluded from pin-leak.c: one process took pin after pin, without a lease, and released none until it exited. */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, conclude } from './agreement.ts';
import { agreeOnHolders, maker } from './holders.ts';
import { every, only } from './truth.ts';

export const pinLeak: Story = {
  name: 'pin-leak',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => {
      const exiting = only(found.truth, 'exiting');
      return [
        ...agreeOnHolders(
          found.file,
          every(found.truth, 'pages-pinned').map((taken) => ({
            kind: 'pin',
            taken,
            endedNs: exiting.t_ns,
            heldBy: [maker(taken)],
            leaseEndedBy: null,
            freedBy: null,
          })),
        ),
        ...agreeOnFindings(found, {
          must: [
            { id: 'pin-leak', pids: [exiting.pid] },
            { id: 'pin-without-lease', pids: [exiting.pid] },
          ],
        }),
      ];
    }),
};
