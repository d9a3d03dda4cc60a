/**
 * What must be concluded from rdma-ext4.c: each region that the kernel allowed was a pin without a lease, the one that
 * it refused (from 6.5 on, for writing) is told with the process.
 */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, conclude } from './agreement.ts';
import { agreeOnHolders, maker } from './holders.ts';
import { every } from './truth.ts';

export const rdmaExt4: Story = {
  name: 'rdma-ext4',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => {
      const allowed = every(found.truth, 'pages-pinned');
      const released = every(found.truth, 'pages-released');
      const refused = every(found.truth, 'pin-refused');
      return [
        ...agreeOnHolders(
          found.file,
          allowed.map((taken, i) => ({
            kind: 'pin',
            taken,
            endedNs: released[i]?.t_ns ?? taken.t_ns,
            heldBy: [maker(taken)],
            leaseEndedBy: null,
            freedBy: null,
          })),
        ),
        ...agreeOnFindings(found, {
          must: [
            ...allowed.map(({ pid }) => ({ id: 'pin-without-lease', pids: [pid] }) as const),
            ...refused.map(({ pid }) => ({ id: 'refused-pin', pids: [pid] }) as const),
          ],
        }),
      ];
    }),
};
