/**
 * What must be concluded from uring-mapping-only.c: the child's mapping of the ring keeps the dead parent's pins. 6.1
 * has no iterator over mappings: there nothing leads to the ring, and the answer may only say that.
 */
import type { Story } from '../lab/story.ts';
import { conclude } from './agreement.ts';
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
    conclude(run, (found) =>
      !isAtLeast(found.kernel, 6, 12) && isGap(found)
        ? []
        : judgeFreedBuffer(found, child(only(found.truth, 'forked')), [], 'mapping'),
    ),
};
