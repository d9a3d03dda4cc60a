/**
 * What must be concluded from direct-io-slow.c on 6.1, where the kernel missed a wake-up: nobody holds anything, and the
 * truncate sleeps on; a signal is what helps, and whopins does not send it.
 */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, agreeOnHungOperation, conclude } from './agreement.ts';
import { differ } from './difference.ts';
import { only } from './truth.ts';
import { agreeOnWalk } from './walked.ts';

export const directIoSlow: Story = {
  name: 'direct-io-slow',
  // later kernels wake the truncate when the write has ended
  kernels: ['6.1'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  lateOnly:
    'short-term pins of direct I/O are not told, so from the start the process that truncate waits for is not named',
  check: (run) =>
    conclude(run, (found) => {
      const began = only(found.truth, 'truncate-began');
      const hung = { op: 'truncate', began, on: 'dax-page', blockers: [] } as const;
      return [
        ...agreeOnWalk(found, { waiting: { ...hung, idle: true } }),
        ...differ('holders', found.file.holders, []),
        ...agreeOnHungOperation(found, { ...hung, ended: only(found.truth, 'truncate-ended') }),
        ...agreeOnFindings(found, { must: [{ id: 'wait-without-holder', pids: [began.pid] }] }),
      ];
    }),
};
