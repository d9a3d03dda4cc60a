/** What must be concluded from xdp-umem.c: the process that registered the umem has it, to the end. */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { judgeFreedBuffer } from './freed-buffer.ts';
import { maker } from './holders.ts';
import { only } from './truth.ts';

export const xdpUmem: Story = {
  name: 'xdp-umem',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  check: (run) =>
    conclude(run, (found) => judgeFreedBuffer(found, maker(only(found.truth, 'pages-pinned')), [])),
};
