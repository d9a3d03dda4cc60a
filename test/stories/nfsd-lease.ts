/**
 * What must be concluded from a lease that nfsd took for a client: it holds it without a descriptor, the client is
 * named, and what broke it waited for nfsd until the client had given it back.
 */
import type { LeaseState, OperationName, WaitOn } from '../../src/model/answer.ts';
import { agreeOnFindings, agreeOnOperation, type Case } from './agreement.ts';
import { differ } from './difference.ts';
import { numberIn, only, textIn } from './truth.ts';

export interface ExpectedRecall {
  readonly class: LeaseState['class'];
  readonly op: OperationName;
  readonly on: WaitOn;
}

/** The workload is its own client, over lo; the name after the address is what Linux gives itself. */
const CLIENT = /^127\.0\.0\.1 \(Linux NFSv4\.2 .+\)$/;

/** Compares with the rows `kernel-lease` and `OP-ended`. */
export function judgeNfsdLease(found: Case, expected: ExpectedRecall): readonly string[] {
  const { truth, file } = found;
  const taken = only(truth, 'kernel-lease');
  const ended = only(truth, `${expected.op}-ended`);
  const nfsd = numberIn(taken, 'nfsd');
  return [
    ...agreeOnLease(found, nfsd, expected.class),
    ...agreeOnOperation(file, {
      op: expected.op,
      ended,
      waited: { on: expected.on, blockers: [nfsd], until: ended },
      oneWait: true,
    }),
    ...agreeOnFindings(found, { must: [{ id: 'blocked-operation', pids: [ended.pid, nfsd] }] }),
  ];
}

function agreeOnLease({ file, truth, kernel }: Case, nfsd: number, kind: LeaseState['class']): string[] {
  const [holder] = file.holders;
  if (holder?.kind !== 'lease' || file.holders.length > 1) {
    const kinds = file.holders.map((each) => each.kind);
    return differ('holders', kinds, ['lease']);
  }
  const taken = only(truth, 'kernel-lease');
  const { type, state, ended_by, client = '' } = holder.lease;
  return [
    ...differ(`${kind}: taken by`, holder.taken_by?.pid, nfsd),
    ...differ(`${kind}: taken by`, holder.taken_by?.comm, 'nfsd'),
    ...differ(`${kind}: certainty`, holder.certainty, 'definite'),
    ...differ(`${kind}: class`, holder.lease.class, kind),
    ...differ(`${kind}: type`, type, textIn(taken, 'type')),
    ...differ(`${kind}: ended by`, [state, ended_by], ['ended', 'manager']),
    // bpftrace 0.17 cannot (probes/lease.bt)
    ...(kernel === '6.1' ? [] : differ(`${kind}: names its client`, CLIENT.test(client) || client, true)),
    ...differ(`${kind}: taken before it was seen in /proc/locks`, holder.since_ns <= taken.t_ns, true),
  ];
}
