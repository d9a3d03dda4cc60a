/**
 * What must be concluded from uring-mapping-only.c: the child's mapping of the ring keeps the dead parent's pins. 6.1
 * has no iterator over mappings: there nothing leads to the ring, and the answer may only say that.
 */
import type { Story } from '../lab/story.ts';
import { conclude, concludeWalk } from './agreement.ts';
import { judgeFreedBuffer } from './freed-buffer.ts';
import { child } from './holders.ts';
import { isAtLeast, only } from './truth.ts';
import { isGap } from './walked.ts';

export const uringMappingOnly: Story = {
  name: 'uring-mapping-only',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  lateOnly: 'events do not tell that a mapping keeps a ring',
  check: (run) =>
    // where the walk may only say that it cannot look, nothing that follows tells of the file
    isAtLeast(run.kernel, 6, 12)
      ? conclude(run, (found) => judgeFreedBuffer(found, child(only(found.truth, 'forked')), [], 'mapping'))
      : concludeWalk(run, (found) =>
          isGap(found) ? [] : ['the walk does not say what it cannot look into'],
        ),
};
