/**
 * What must be concluded from truncated-under-pin.c: B has a pipe full of pages which are no file's any more. Which file
 * they were cannot be known; that they are pinned, and on which device, must be said.
 */
import type { Story } from '../lab/story.ts';
import { concludeWalk } from './agreement.ts';
import { only } from './truth.ts';
import { agreeOnWalk, handle } from './walked.ts';

export const truncatedUnderPin: Story = {
  name: 'truncated-under-pin',
  kernels: ['6.1', '6.12', '7.3'],
  lateCannot: { '7.3': 'from 6.18 on the truncate waits and frees nothing: see handed-over-unmapped' },
  // the kernel warns about the freed blocks, and the filesystem may hand them out twice
  freshGuest: true,
  timeoutMs: 300_000,
  args: [],
  late: true,
  lateOnly: 'from the start it is handed-over-unmapped',
  check: (run) =>
    concludeWalk(run, (found) =>
      agreeOnWalk(found, {
        holder: {
          taken: only(found.truth, 'pages-pinned'),
          heldBy: [handle(only(found.truth, 'fds-received'))],
          orphan: true,
        },
      }),
    ),
};
