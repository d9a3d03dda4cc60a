/**
 * A story begun in the middle: tracing began at the late point, and nobody looked at what was there. Of what came before
 * nothing is known then, and no answer may claim to know it; what came after must be told all the same.
 */
import type { Finding, OperationName, WhoAnswer } from '../../src/model/answer.ts';
import type { TruthRow } from '../lab/story.ts';
import { isAbout } from './agreement.ts';
import { readReport } from './answer-shape.ts';
import { differ } from './difference.ts';
import { every, numberIn, only, subjectOf } from './truth.ts';

const OPERATIONS: readonly OperationName[] = ['open', 'truncate', 'hole-punch'];

/** Compares what the report of such a recording says with what the workload's rows after `gone-on` tell. */
export function agreeOnMiddle(said: unknown, truth: readonly TruthRow[]): string[] {
  const report = readReport(said);
  if (!report.ok) return [`report --json breaks its contract: ${report.error}`];
  const from = only(truth, 'gone-on').t_ns;
  const later = truth.filter((row) => row.t_ns >= from);
  return every(truth, 'file-made')
    .map(subjectOf)
    .flatMap((subject) => {
      const file = report.value.files.find(({ target }) => isAbout(target, subject));
      return [
        ...(file === undefined ? [] : [...agreeOnHolders(file, from), ...agreeOnOperations(file, later)]),
        ...agreeOnFindings(
          report.value.findings.filter((finding) => isAbout(finding.file, subject)),
          later,
        ),
      ];
    })
    .map((complaint) => `begun in the middle: ${complaint}`);
}

/** Who took hold before is a guess, and said to be one; and with a holder unseen, the whole answer is. */
function agreeOnHolders({ holders, certainty, reasons }: WhoAnswer, from: number): string[] {
  const older = holders.filter((holder) => holder.since_ns < from && holder.certainty === 'definite');
  return [
    ...older.map((holder) => `a ${holder.kind} from before is said to be definite`),
    ...differ('certainty about the file', certainty === 'definite', false),
    ...(reasons.some((reason) => /before|older|not seen/.test(reason)) || certainty === 'unknown'
      ? []
      : [`no reason tells of the time before: ${reasons.join('; ')}`]),
  ];
}

/** What began after is told as it went. */
function agreeOnOperations({ operations }: WhoAnswer, later: readonly TruthRow[]): string[] {
  return OPERATIONS.flatMap((op) => {
    const name = op === 'hole-punch' ? 'hole' : op;
    return every(later, `${name}-began`).flatMap((began) => {
      const ended = every(later, `${name}-ended`, { pid: began.pid })[0];
      const operation = operations.find((each) => each.op === op && each.pid === began.pid);
      if (operation === undefined) return op === 'open' ? [] : [`the ${op} by ${began.pid} is missing`];
      if (ended === undefined) return [];
      return differ(`${op}: result`, operation.result, numberIn(ended, 'result'));
    });
  });
}

/** A finding that rests on what was before cannot be definite: it names somebody who did nothing since. */
function agreeOnFindings(findings: readonly Finding[], later: readonly TruthRow[]): string[] {
  const acted = new Set(later.map((row) => row.pid));
  return findings.flatMap(({ id, certainty, pids }) => {
    const unseen = certainty === 'definite' ? pids.filter((pid) => !acted.has(pid)) : [];
    return unseen.map((pid) => `finding ${id} is definite about ${pid}, which did nothing since`);
  });
}
