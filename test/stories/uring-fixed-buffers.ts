/** What must be concluded from uring-fixed-buffers.c: the child has the ring, and with it the dead parent's pins. */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { judgeFreedBuffer } from './freed-buffer.ts';
import { child } from './holders.ts';
import { only } from './truth.ts';

export const uringFixedBuffers: Story = {
  name: 'uring-fixed-buffers',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  check: (run) =>
    conclude(run, (found) => {
      const forked = only(found.truth, 'forked');
      const keeper = child(forked);
      return judgeFreedBuffer(found, keeper, [
        { id: 'holder-gone', pids: [forked.pid, keeper.pid] },
        { id: 'handed-over-without-lease', pids: [keeper.pid] },
      ]);
    }),
};
