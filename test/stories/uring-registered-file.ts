/** What must be concluded from uring-registered-file.c: the child's ring keeps the pipe, whose descriptors are closed. */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { judgeHungTruncate } from './hung-truncate.ts';
import { numberIn, only } from './truth.ts';
import { handle } from './walked.ts';

export const uringRegisteredFile: Story = {
  name: 'uring-registered-file',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  lateOnly: 'events do not tell which files a ring has registered',
  check: (run) =>
    conclude(run, (found) => {
      const forked = only(found.truth, 'forked');
      return judgeHungTruncate(found, handle(forked, 'io_uring-file', numberIn(forked, 'child')));
    }),
};
