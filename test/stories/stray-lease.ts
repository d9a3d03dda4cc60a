/**
 * What must be concluded when a lease lives on in another process than the one that took it, by fork or by
 * SCM_RIGHTS: the break signal goes astray, and the opener waits for the one who can unlock.
 */
import type { TruthRow } from '../lab/story.ts';
import { agreeOnFindings, agreeOnOperation, type Case } from './agreement.ts';
import { differ } from './difference.ts';
import { agreeOnHolders, type ExpectedHand } from './holders.ts';
import { only } from './truth.ts';
import { agreeOnWalk } from './walked.ts';

/** `heir` is the process that has the lease's descriptor now, and unlocks in the end. */
export function judgeStrayLease(found: Case, heir: ExpectedHand): readonly string[] {
  const taken = only(found.truth, 'lease-taken');
  const released = only(found.truth, 'lease-released');
  const late = found.late ? agreeOnWalkedLease(found, taken, heir) : null;
  return [
    ...(late ??
      agreeOnHolders(found.file, [
        { kind: 'lease', taken, endedNs: released.t_ns, endedBy: 'unlock', heldBy: [heir] },
      ])),
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

/** Late, the lease is known by the walk alone: it carries its taker's pid, and the heir has its open file. */
function agreeOnWalkedLease(found: Case, taken: TruthRow, { pid, comm, fds }: ExpectedHand): string[] {
  const leases = found.file.holders.filter((holder) => holder.kind === 'lease');
  return [
    ...agreeOnWalk(found, {
      holder: { taken, heldBy: [{ pid, comm, fds, through: 'descriptor' }] },
      users: [{ pid, fds, mapped_bytes: 0 }],
    }),
    ...differ(
      'leases: how they ended',
      leases.map(({ lease, origin }) => [lease.ended_by, origin]),
      [['unlock', 'snapshot']],
    ),
  ];
}
