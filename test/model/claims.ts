/** What answers claim to be certain, in a form that can be compared with the truth. */
import type { Finding, Holder, Operation, ReportAnswer, WhoAnswer } from '../../src/model/answer.ts';

/** All that a report calls definite, one line for each claim. */
export function definiteClaims(report: ReportAnswer): string[] {
  return [
    ...report.findings.filter(isDefinite).filter(isAboutFile).map(findingClaim),
    ...report.files.flatMap((file) => file.holders.filter(isDefinite).map((each) => holderClaim(file, each))),
    ...report.files.filter(isDefinite).map(fileClaim),
  ].sort();
}

/** The same claims, whether they are certain or not: the truth, if the report is. */
export function allClaims(report: ReportAnswer): ReadonlySet<string> {
  return new Set([
    ...report.findings.map(findingClaim),
    ...report.files.flatMap((file) => file.holders.map((each) => holderClaim(file, each))),
    ...report.files.map(fileClaim),
  ]);
}

function isDefinite({ certainty }: { readonly certainty: string }): boolean {
  return certainty === 'definite';
}

/** That rows contradict each other is certain of the rows that came, and says nothing about the file. */
function isAboutFile({ id }: Finding): boolean {
  return id !== 'trace-contradiction';
}

function findingClaim({ id, file, pids, start_ns, end_ns }: Finding): string {
  return `finding ${id} ${file.dev}:${file.ino} ${[...pids].sort()} ${start_ns} ${end_ns}`;
}

function holderClaim({ target }: WhoAnswer, holder: Holder): string {
  const { kind, taken_by, held_by, in_flight, since_ns, ended_ns } = holder;
  const hands = held_by.map(
    ({ pid, fds, through, how, from }) => `${pid}(${[...fds].sort()}) ${through} ${how} ${from}`,
  );
  const lease = holder.lease;
  const leased =
    lease === null ? null : [lease.type, lease.class, lease.state, lease.ended_by, lease.ended_ns];
  const own =
    holder.kind === 'pin' ? [holder.via, holder.pages, holder.freed_by?.pid, holder.freed_by?.at_ns] : [];
  return `holder ${target.dev}:${target.ino} ${JSON.stringify({ kind, by: taken_by?.pid, hands: hands.sort(), in_flight, since_ns, ended_ns, leased, own })}`;
}

/** An answer that is definite is so as a whole: these are all its holders, and what waits or waited for them. */
function fileClaim(file: WhoAnswer): string {
  const { dev, ino } = file.target;
  const holders = file.holders.map((each) => holderClaim(file, each)).sort();
  return `file ${dev}:${ino} ${JSON.stringify({ holders, operations: file.operations.map(operationClaim) })}`;
}

function operationClaim({ op, pid, state, result, waits, ended_ns }: Operation): unknown {
  const waited = waits.map(({ on, since_ns, ended_ns, blockers }) => [on, since_ns, ended_ns, blockers]);
  return [op, pid, state, result, ended_ns, waited];
}
