/**
 * What must be concluded when truncate freed tmpfs pages under a long-term pin that no lease covered (io_uring, AF_XDP):
 * the pin is the object's, whoever has it now, and a kernel worker that lets it go is nobody's holder.
 */
import type { HeldBy } from '../../src/model/answer.ts';
import { agreeOnFindings, agreeOnOperation, type Case, type ExpectedFindings } from './agreement.ts';
import { UNKNOWN_BEFORE } from './handed-over.ts';
import { agreeOnHolders, agreeOnWalkedPin, type ExpectedHand } from './holders.ts';
import { only } from './truth.ts';
import { agreeOnWalk } from './walked.ts';

/** `holder` has the object at the end, `through` what it is; `also` is what else must be found from the start. */
export function judgeFreedBuffer(
  found: Case,
  holder: ExpectedHand,
  also: ExpectedFindings['must'],
  through: HeldBy['through'] = 'descriptor',
): readonly string[] {
  const { truth, file } = found;
  const taken = only(truth, 'pages-pinned');
  const truncated = only(truth, 'truncate-ended');
  const released = only(truth, 'pages-released');
  const operation = agreeOnOperation(file, { op: 'truncate', ended: truncated, waited: null });
  if (found.late) {
    const { pid, comm, fds } = holder;
    return [
      ...agreeOnWalk(found, { holder: { taken, heldBy: [{ pid, comm, fds, through }] } }),
      ...agreeOnWalkedPin(file, { taken, endedNs: released.t_ns }),
      ...operation,
      ...agreeOnFindings(found, {
        must: [{ id: 'freed-under-pin', pids: [truncated.pid, holder.pid] }],
        may: UNKNOWN_BEFORE,
      }),
    ];
  }
  return [
    ...agreeOnHolders(file, [
      {
        kind: 'pin',
        taken,
        endedNs: released.t_ns,
        heldBy: [holder],
        leaseEndedBy: null,
        freedBy: { op: 'truncate', pid: truncated.pid },
      },
    ]),
    ...operation,
    ...agreeOnFindings(found, {
      must: [
        { id: 'freed-under-pin', pids: [truncated.pid, holder.pid] },
        { id: 'pin-without-lease', pids: [taken.pid] },
        ...also,
      ],
    }),
  ];
}
