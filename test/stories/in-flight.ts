/** What must be concluded from in-flight.c: the pipe lies in the queue of B's socket, until B receives it. */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { receiver } from './holders.ts';
import { judgeHungTruncate } from './hung-truncate.ts';
import { numberIn, only } from './truth.ts';
import { handle } from './walked.ts';

export const inFlight: Story = {
  name: 'in-flight',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  lateOnly: 'three-hands has descriptors in flight from the start',
  check: (run) =>
    conclude(run, (found) => {
      const queued = only(found.truth, 'in-flight');
      const keeper = handle(queued, 'socket-queue', numberIn(queued, 'keeper'));
      return judgeHungTruncate(found, keeper, [receiver(only(found.truth, 'fds-received'))]);
    }),
};
