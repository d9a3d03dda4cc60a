/**
 * What must be concluded from lease-break.c: one wait of one open, for one holder, who let go by unlocking. The many
 * rows of the kernel's wait loop must not become many breaks.
 */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, agreeOnHolders, agreeOnOperation, conclude } from './agreement.ts';
import { numberIn, only, textIn } from './truth.ts';

export const leaseBreak: Story = {
  name: 'lease-break',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 60_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => {
      const taken = only(found.truth, 'lease-taken');
      const released = only(found.truth, 'lease-released');
      const opened = only(found.truth, 'open-ended');
      return [
        ...agreeOnHolders(found.file, [
          {
            kind: 'lease',
            takenBy: { pid: taken.pid, comm: textIn(taken, 'comm') },
            takenNs: taken.t_ns,
            lease: { type: 'write', class: 'lease', state: 'ended', endedBy: 'unlock' },
            releasedNs: released.t_ns,
          },
        ]),
        ...agreeOnOperation(found.file, {
          op: 'open',
          pid: opened.pid,
          comm: textIn(opened, 'comm'),
          result: numberIn(opened, 'result'),
          waitedMs: numberIn(opened, 'waited_ms'),
          waited: { on: 'lease-break', blockers: [taken.pid] },
          oneWait: true,
        }),
        ...agreeOnFindings(found, { must: [], may: ['blocked-operation'] }),
      ];
    }),
};
