/** What must be concluded from lease-shared-by-fork.c: the child has the parent's lease, the parent gets the signal. */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { child } from './holders.ts';
import { judgeStrayLease } from './stray-lease.ts';
import { only } from './truth.ts';

export const leaseSharedByFork: Story = {
  name: 'lease-shared-by-fork',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  check: (run) => conclude(run, (found) => judgeStrayLease(found, child(only(found.truth, 'forked')))),
};
