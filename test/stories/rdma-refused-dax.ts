/** What must be concluded from rdma-refused-dax.c: nothing is held, and the refusal names file and process. */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, conclude } from './agreement.ts';
import { agreeOnHolders } from './holders.ts';
import { only } from './truth.ts';

export const rdmaRefusedDax: Story = {
  name: 'rdma-refused-dax',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => [
      ...agreeOnHolders(found.file, []),
      ...agreeOnFindings(found, {
        must: [{ id: 'refused-pin', pids: [only(found.truth, 'pin-refused').pid] }],
      }),
    ]),
};
