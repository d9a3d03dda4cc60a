/**
 * What must be concluded from handed-over.h and its like: A's pins live on in B, and C's truncate either waited for
 * them or freed the file's pages under them.
 */
import { agreeOnFindings, agreeOnOperation, type Case, type ExpectedFindings } from './agreement.ts';
import { agreeOnHolders, agreeOnWalkedPin, type ExpectedPin, receiver } from './holders.ts';
import { every, only } from './truth.ts';
import { agreeOnWalk, handle } from './walked.ts';

/** What may be found late: what happened before is not known, whether there was a lease, and who pinned. */
export const UNKNOWN_BEFORE = ['holder-gone', 'pin-without-lease', 'handed-over-without-lease'] as const;

/** The conclusion about a pin that was handed over; `waits` says whether this kernel's truncate waits for it. */
export function judgeHandedOver(found: Case, waits: boolean): readonly string[] {
  const { truth, file } = found;
  const leaseTaken = only(truth, 'lease-taken');
  const pinned = only(truth, 'pages-pinned');
  const received = only(truth, 'fds-received');
  const truncated = only(truth, 'truncate-ended');
  const released = only(truth, 'pages-released');
  const [a, b, c] = [pinned.pid, received.pid, truncated.pid];
  const pin: ExpectedPin = {
    kind: 'pin',
    taken: pinned,
    endedNs: released.t_ns,
    heldBy: [receiver(received)],
    leaseEndedBy: 'close',
    freedBy: waits ? null : { op: 'truncate', pid: c },
  };
  // by an explicit close, or by the exit of the process that had it
  const leaseEnded = every(truth, 'file-closed', { pid: a })[0] ?? only(truth, 'exited', { who: a });
  const outcome: ExpectedFindings['must'] = [
    { id: waits ? 'blocked-operation' : 'freed-under-pin', pids: [c, b] },
  ];
  const operation = agreeOnOperation(file, {
    op: 'truncate',
    ended: truncated,
    waited: waits ? { on: 'dax-page', blockers: [b], until: released } : null,
  });
  if (found.late) {
    return [
      ...agreeOnWalk(found, { holder: { taken: pinned, heldBy: [handle(received)] } }),
      ...agreeOnWalkedPin(file, pin),
      ...operation,
      ...agreeOnFindings(found, { must: outcome, may: UNKNOWN_BEFORE }),
    ];
  }
  return [
    ...agreeOnHolders(file, [
      { kind: 'lease', taken: leaseTaken, endedNs: leaseEnded.t_ns, endedBy: 'close' },
      pin,
    ]),
    ...operation,
    ...agreeOnFindings(found, {
      must: [
        ...outcome,
        { id: 'holder-gone', pids: [a, b] },
        { id: 'pin-outlives-lease', pids: [a] },
        { id: 'handed-over-without-lease', pids: [b] },
      ],
    }),
  ];
}
