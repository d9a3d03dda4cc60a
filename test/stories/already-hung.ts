/** What must be concluded from already-hung.c: B has both ends of the pipe, and C's truncate waits for them. */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { receiver } from './holders.ts';
import { judgeHungTruncate } from './hung-truncate.ts';
import { only } from './truth.ts';
import { handle } from './walked.ts';

export const alreadyHung: Story = {
  name: 'already-hung',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  lateOnly: 'from the start it is handed-over-mapped',
  check: (run) =>
    conclude(run, (found) => {
      const received = only(found.truth, 'fds-received');
      return judgeHungTruncate(found, handle(received), [receiver(received)]);
    }),
};
