/**
 * What must be concluded from handed-over.h, with or without a mapping left: A's pins live on in B, and C's truncate
 * either waited for them or freed the file's pages under them.
 */
import type { TruthRow } from '../lab/story.ts';
import {
  agreeOnFindings,
  agreeOnHolders,
  agreeOnOperation,
  type Case,
  type ExpectedFindings,
  type ExpectedPin,
} from './agreement.ts';
import { numberIn, numbersIn, only, textIn } from './truth.ts';

/** The processes of a story in which A pins and hands over, B receives, and C truncates, by what they said. */
interface Roles {
  readonly leaseTaken: TruthRow;
  readonly pinned: TruthRow;
  readonly received: TruthRow;
  readonly truncated: TruthRow;
  readonly released: TruthRow;
  /** When A's lease ended: by an explicit close, or by its exit. */
  readonly leaseEndedNs: number;
}

function rolesIn(truth: readonly TruthRow[]): Roles {
  const leaseTaken = only(truth, 'lease-taken');
  const closes = truth.filter((row) => row.did === 'file-closed' && row.pid === leaseTaken.pid);
  const end = closes[0] ?? only(truth, 'exited', { who: leaseTaken.pid });
  return {
    leaseTaken,
    pinned: only(truth, 'pages-pinned'),
    received: only(truth, 'fds-received'),
    truncated: only(truth, 'truncate-ended'),
    released: only(truth, 'pages-released'),
    leaseEndedNs: end.t_ns,
  };
}

/** The pin of A, held by B in the end, let go by B; `freed` if C's truncate took its pages from the file. */
function expectedPin(roles: Roles, freed: boolean): ExpectedPin {
  const { pinned, received, truncated, released } = roles;
  return {
    kind: 'pin',
    via: textIn(pinned, 'via') === 'rdma-mr' ? 'rdma-mr' : 'vmsplice',
    pages: numberIn(pinned, 'pages'),
    bytes: numberIn(pinned, 'bytes'),
    longterm: numberIn(pinned, 'longterm') === 1,
    takenBy: { pid: pinned.pid, comm: textIn(pinned, 'comm') },
    takenNs: pinned.t_ns,
    heldBy: [
      {
        pid: received.pid,
        comm: textIn(received, 'comm'),
        fds: numbersIn(received, 'fds'),
        how: 'scm_rights',
        from: pinned.pid,
      },
    ],
    lease: { type: 'write', class: 'lease', state: 'ended', endedBy: 'close' },
    freedBy: freed ? { op: 'truncate', pid: truncated.pid } : null,
    releasedNs: released.t_ns,
  };
}

/** The conclusion about a pin that was handed over; `waits` says whether this kernel's truncate waits for it. */
export function judgeHandedOver(found: Case, waits: boolean): readonly string[] {
  const roles = rolesIn(found.truth);
  const { leaseTaken, pinned, received, truncated } = roles;
  const [a, b, c] = [pinned.pid, received.pid, truncated.pid];
  const outcome: ExpectedFindings['must'] = waits
    ? [{ id: 'blocked-operation', pids: [c, b] }]
    : [{ id: 'freed-under-pin', pids: [c, b] }];
  return [
    ...agreeOnHolders(found.file, [
      {
        kind: 'lease',
        takenBy: { pid: leaseTaken.pid, comm: textIn(leaseTaken, 'comm') },
        takenNs: leaseTaken.t_ns,
        lease: { type: 'write', class: 'lease', state: 'ended', endedBy: 'close' },
        releasedNs: roles.leaseEndedNs,
      },
      expectedPin(roles, !waits),
    ]),
    ...agreeOnOperation(found.file, {
      op: 'truncate',
      pid: c,
      comm: textIn(truncated, 'comm'),
      result: numberIn(truncated, 'result'),
      waitedMs: numberIn(truncated, 'waited_ms'),
      waited: waits ? { on: 'dax-page', blockers: [b] } : null,
    }),
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
