/** What must be concluded from pidfd-theft.c: as if A had handed the pipe over, but B took it. */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { judgeHandedOver } from './handed-over.ts';

export const pidfdTheft: Story = {
  name: 'pidfd-theft',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  check: (run) => conclude(run, (found) => judgeHandedOver(found, true)),
};
