/** What must be concluded from pnfs-layout.c: truncate waited for the layout that nfsd had given to its client. */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { judgeNfsdLease } from './nfsd-lease.ts';

export const pnfsLayout: Story = {
  name: 'pnfs-layout',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  modules: ['nfsd', 'nfsv4', 'blocklayoutdriver'],
  args: [],
  check: (run) =>
    conclude(run, (found) => judgeNfsdLease(found, { class: 'layout', op: 'truncate', on: 'layout-recall' })),
};
