/**
 * What must be concluded from three-hands.c: truncate waited 4 s for pins whose makers are dead, first for C, and then
 * for a descriptor that nobody had: it lay in the queue of a socket.
 */
import type { HandOver } from '../../src/model/answer.ts';
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, agreeOnOperation, conclude } from './agreement.ts';
import { differ } from './difference.ts';
import { agreeOnHolders } from './holders.ts';
import { only } from './truth.ts';

export const threeHands: Story = {
  name: 'three-hands',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 180_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => {
      const { truth, file } = found;
      const pinned = only(truth, 'pages-pinned');
      const released = only(truth, 'pages-released');
      const truncated = only(truth, 'truncate-ended');
      const a = pinned.pid;
      const toB = only(truth, 'fds-received', { from: a });
      const b = toB.pid;
      const c = only(truth, 'fds-received', { from: b }).pid;
      const queued = only(truth, 'fds-sent', { pid: b, to: released.pid });
      return [
        ...agreeOnHolders(file, [
          { kind: 'pin', taken: pinned, endedNs: released.t_ns, leaseEndedBy: null, freedBy: null },
        ]),
        ...differ('hand-overs', chainOf(file.holders.flatMap((holder) => holder.hand_overs)), [
          `scm_rights ${a} → ${b}`,
          `scm_rights ${b} → ${c}`,
          `scm_rights ${queued.pid} → in flight`,
        ]),
        ...agreeOnOperation(file, {
          op: 'truncate',
          ended: truncated,
          waited: { on: 'dax-page', blockers: [c], until: released },
        }),
        ...agreeOnFindings(found, {
          must: [
            { id: 'blocked-operation', pids: [truncated.pid, c] },
            { id: 'holder-gone', pids: [a] },
            { id: 'handed-over-without-lease', pids: [b] },
          ],
        }),
      ];
    }),
};

/** Each step once: two descriptors in one message are one hand-over. */
function chainOf(steps: readonly HandOver[]): readonly string[] {
  const words = steps.map(
    ({ how, from, to, in_flight }) =>
      `${how} ${from?.pid ?? '?'} → ${in_flight || to === null ? 'in flight' : to.pid}`,
  );
  return [...new Set(words)];
}
