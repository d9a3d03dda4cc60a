/**
 * What must be concluded from handed-over-mapped.c: on every kernel truncate waits for the pages in B's pipe.
 */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { judgeHandedOver } from './handed-over.ts';

export const handedOverMapped: Story = {
  name: 'handed-over-mapped',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  check: (run) => conclude(run, (found) => judgeHandedOver(found, true)),
};
