/** What must be concluded from vfio-map.c: the process that gave the pages to a device holds them, through VFIO's files. */
import type { Story } from '../lab/story.ts';
import { concludeWalk } from './agreement.ts';
import { only } from './truth.ts';
import { agreeOnWalk, handle } from './walked.ts';

export const vfioMap: Story = {
  name: 'vfio-map',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  lateOnly:
    'descriptors of VFIO groups and devices, which keep the pages too, are not traced: from the start its holders are likely',
  check: (run) =>
    concludeWalk(run, (found) => {
      const taken = only(found.truth, 'pages-pinned');
      return agreeOnWalk(found, { holder: { taken, heldBy: [handle(taken)] } });
    }),
};
