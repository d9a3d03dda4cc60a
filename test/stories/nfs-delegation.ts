/** What must be concluded from nfs-delegation.c: the opener waited for the read delegation that nfsd holds for its client. */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { judgeNfsdLease } from './nfsd-lease.ts';

export const nfsDelegation: Story = {
  name: 'nfs-delegation',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  modules: ['nfsd', 'nfsv4'],
  args: [],
  check: (run) =>
    conclude(run, (found) => judgeNfsdLease(found, { class: 'delegation', op: 'open', on: 'lease-break' })),
};
