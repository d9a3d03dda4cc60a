/**
 * What must be concluded from unlink-last-pinned.c: from 6.18 on A's last close waited in evict for the pages in B's
 * pipe; before, it returned at once and B's pages were no longer the file's.
 */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, agreeOnHungOperation, agreeOnOperation, conclude } from './agreement.ts';
import { UNKNOWN_BEFORE } from './handed-over.ts';
import { agreeOnHolders, agreeOnWalkedPin, receiver } from './holders.ts';
import { isAtLeast, only } from './truth.ts';
import { agreeOnWalk, handle } from './walked.ts';

const RETURNS = 'the last close returns at once, as it shows from the start: nothing is left to ask about';

export const unlinkLastPinned: Story = {
  name: 'unlink-last-pinned',
  kernels: ['6.1', '6.12', '7.3'],
  // up to 6.12 the kernel warns about the freed blocks, and the filesystem may hand them out twice
  freshGuest: true,
  timeoutMs: 300_000,
  args: [],
  late: true,
  lateCannot: { '6.1': RETURNS, '6.12': RETURNS },
  check: (run) =>
    conclude(run, (found) => {
      const { truth, file } = found;
      const pinned = only(truth, 'pages-pinned');
      const received = only(truth, 'fds-received');
      const closed = only(truth, 'close-ended');
      const released = only(truth, 'pages-released');
      const [a, b] = [pinned.pid, received.pid];
      // dax_break_layout_final came with 6.15 (fs/dax.c); 6.18 is the first kernel where it was seen
      const waits = isAtLeast(found.kernel, 6, 18);
      if (found.late) {
        const began = only(truth, 'close-began');
        const hung = { op: 'close', began, on: 'dax-page', blockers: [b] } as const;
        return [
          ...agreeOnWalk(found, { holder: { taken: pinned, heldBy: [handle(received)] }, waiting: hung }),
          ...agreeOnWalkedPin(file, { taken: pinned, endedNs: released.t_ns, heldBy: [receiver(received)] }),
          ...agreeOnHungOperation(found, { ...hung, ended: closed }),
          ...agreeOnFindings(found, {
            must: [{ id: 'blocked-operation', pids: [a, b] }],
            may: UNKNOWN_BEFORE,
          }),
        ];
      }
      return [
        ...agreeOnHolders(file, [
          {
            kind: 'pin',
            taken: pinned,
            endedNs: released.t_ns,
            heldBy: [receiver(received)],
            leaseEndedBy: null,
            freedBy: null,
          },
        ]),
        ...(waits
          ? agreeOnOperation(file, {
              op: 'other',
              ended: closed,
              waited: { on: 'dax-page', blockers: [b], until: released },
            })
          : []),
        ...agreeOnFindings(found, {
          must: [
            { id: 'handed-over-without-lease', pids: [b] },
            waits ? { id: 'blocked-operation', pids: [a, b] } : { id: 'holder-gone', pids: [a, b] },
          ],
          may: waits ? [] : ['freed-under-pin'],
        }),
      ];
    }),
};
