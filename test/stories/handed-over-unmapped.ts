/**
 * What must be concluded from handed-over-unmapped.c. Up to 6.12 truncate returned at once, over pinned blocks:
 * a use after free for the filesystem, that no call reports. From 6.18 on it waited for B.
 */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { judgeHandedOver } from './handed-over.ts';
import { isAtLeast } from './truth.ts';

export const handedOverUnmapped: Story = {
  name: 'handed-over-unmapped',
  kernels: ['6.1', '6.12', '7.3'],
  // up to 6.12 the kernel warns about the freed blocks, and the filesystem may hand them out twice
  freshGuest: true,
  timeoutMs: 300_000,
  args: [],
  late: true,
  // dax_layout_busy_page_range tested mapping_mapped() up to 6.12 (fs/dax.c), not from 6.18 on
  check: (run) => conclude(run, (found) => judgeHandedOver(found, isAtLeast(found.kernel, 6, 18))),
};
