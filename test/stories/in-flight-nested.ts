/**
 * What must be concluded from in-flight-nested.c: B's socket holds a socket that holds the pipe. On 6.1, which has no
 * iterator over sockets, the walk may end at the outer one, if it says so.
 */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { judgeHungTruncate } from './hung-truncate.ts';
import { isAtLeast, numberIn, only } from './truth.ts';
import { handle, isGap } from './walked.ts';

export const inFlightNested: Story = {
  name: 'in-flight-nested',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  lateOnly: 'what in-flight is about, one deeper',
  check: (run) =>
    conclude(run, (found) => {
      if (!isAtLeast(found.kernel, 6, 12) && isGap(found)) return [];
      const queued = only(found.truth, 'in-flight');
      return judgeHungTruncate(found, handle(queued, 'socket-queue', numberIn(queued, 'keeper')));
    }),
};
