/** What must be concluded from sigio-stray.c: the receiver has the sender's lease, the sender gets the signal. */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { receiver } from './holders.ts';
import { judgeStrayLease } from './stray-lease.ts';
import { only } from './truth.ts';

export const sigioStray: Story = {
  name: 'sigio-stray',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => judgeStrayLease(found, receiver(only(found.truth, 'fds-received')))),
};
