/**
 * What must be concluded from three-hands.c: truncate waited 4 s for pins whose makers are dead, first for C, and then
 * for a descriptor that nobody had: it lay in the queue of a socket.
 */
import type { HandOver } from '../../src/model/answer.ts';
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, agreeOnOperation, type Case, conclude } from './agreement.ts';
import { differ } from './difference.ts';
import { UNKNOWN_BEFORE } from './handed-over.ts';
import { agreeOnHolders, agreeOnWalkedPin } from './holders.ts';
import { numberIn, only } from './truth.ts';
import { agreeOnWalk, handle } from './walked.ts';

export const threeHands: Story = {
  name: 'three-hands',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
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
      if (found.late) return judgeLate(found);
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

/** C has the read end, D's socket the write end: the truncate waits for both, and C's close frees nothing. */
function judgeLate(found: Case): readonly string[] {
  const { truth, file } = found;
  const taken = only(truth, 'pages-pinned');
  const released = only(truth, 'pages-released');
  const truncated = only(truth, 'truncate-ended');
  const queued = only(truth, 'in-flight');
  const b = only(truth, 'fds-received', { from: taken.pid }).pid;
  const read = handle(only(truth, 'fds-received', { from: b }));
  const inQueue = handle(queued, 'socket-queue', numberIn(queued, 'keeper'));
  const blockers = [read.pid, inQueue.pid];
  return [
    ...agreeOnWalk(found, { holder: { taken, heldBy: [read, inQueue] } }),
    ...agreeOnWalkedPin(file, { taken, endedNs: released.t_ns }),
    ...agreeOnOperation(file, {
      op: 'truncate',
      ended: truncated,
      waited: { on: 'dax-page', blockers, until: released },
    }),
    ...agreeOnFindings(found, {
      must: [{ id: 'blocked-operation', pids: [truncated.pid, ...blockers] }],
      may: UNKNOWN_BEFORE,
    }),
  ];
}

/** Each step once: two descriptors in one message are one hand-over. */
function chainOf(steps: readonly HandOver[]): readonly string[] {
  const words = steps.map(
    ({ how, from, to, in_flight }) =>
      `${how} ${from?.pid ?? '?'} → ${in_flight || to === null ? 'in flight' : to.pid}`,
  );
  return [...new Set(words)];
}
