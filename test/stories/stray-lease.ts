/**
 * What must be concluded when a lease lives on in another process than the one that took it, by fork or by
 * SCM_RIGHTS: the break signal goes astray, and the opener waits for the one who can unlock.
 */
import { agreeOnFindings, agreeOnOperation, type Case } from './agreement.ts';
import { agreeOnHolders, type ExpectedHand } from './holders.ts';
import { only } from './truth.ts';

/** `heir` is the process that has the lease's descriptor now, and unlocks in the end. */
export function judgeStrayLease(found: Case, heir: ExpectedHand): readonly string[] {
  const taken = only(found.truth, 'lease-taken');
  const released = only(found.truth, 'lease-released');
  return [
    ...agreeOnHolders(found.file, [
      { kind: 'lease', taken, endedNs: released.t_ns, endedBy: 'unlock', heldBy: [heir] },
    ]),
    ...agreeOnOperation(found.file, {
      op: 'open',
      ended: only(found.truth, 'open-ended'),
      waited: { on: 'lease-break', blockers: [heir.pid], until: released },
      oneWait: true,
    }),
    ...agreeOnFindings(found, {
      must: [
        { id: 'zombie-lease', pids: [taken.pid] },
        { id: 'sigio-stray', pids: [taken.pid] },
      ],
      may: ['blocked-operation'],
    }),
  ];
}
