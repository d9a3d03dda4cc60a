/**
 * What must be concluded when truncate freed tmpfs pages under a long-term pin that no lease covered (io_uring, AF_XDP):
 * the pin is the object's, whoever has it now, and a kernel worker that lets it go is nobody's holder.
 */
import { agreeOnFindings, agreeOnOperation, type Case, type ExpectedFindings } from './agreement.ts';
import { agreeOnHolders, type ExpectedHand } from './holders.ts';
import { only } from './truth.ts';

/** `holder` has the object at the end; `also` is what else must be found. */
export function judgeFreedBuffer(
  found: Case,
  holder: ExpectedHand,
  also: ExpectedFindings['must'],
): readonly string[] {
  const { truth, file } = found;
  const taken = only(truth, 'pages-pinned');
  const truncated = only(truth, 'truncate-ended');
  return [
    ...agreeOnHolders(file, [
      {
        kind: 'pin',
        taken,
        endedNs: only(truth, 'pages-released').t_ns,
        heldBy: [holder],
        leaseEndedBy: null,
        freedBy: { op: 'truncate', pid: truncated.pid },
      },
    ]),
    ...agreeOnOperation(file, { op: 'truncate', ended: truncated, waited: null }),
    ...agreeOnFindings(found, {
      must: [
        { id: 'freed-under-pin', pids: [truncated.pid, holder.pid] },
        { id: 'pin-without-lease', pids: [taken.pid] },
        ...also,
      ],
    }),
  ];
}
