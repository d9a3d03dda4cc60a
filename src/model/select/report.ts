/** Everything that the trace told: findings, and every file with its holders and operations, ended ones included. */
import type { ReportAnswer, RowLoss } from '../answer.ts';
import { coverageOf, notCovered, startOf } from '../coverage.ts';
import { findings } from '../findings/index.ts';
import { generationsOf, hasStory } from '../inodes.ts';
import type { Inode, Model } from '../state.ts';
import { isAnswerable } from './target.ts';
import { cutReasons, judgeTrace, wholeAnswer } from './who.ts';

/** `files`: the first `mostFiles` of those that there are, see `countFilesTold`. All else is about all of them. */
export function reportAnswer(model: Model, mostFiles: number = Number.POSITIVE_INFINITY): ReportAnswer {
  const { header, coverage } = model;
  const { certainty, reasons } = judgeTrace(model);
  return {
    findings: findings(model),
    files: filesWorthTelling(model)
      .slice(0, mostFiles)
      .map((inode) => wholeAnswer(model, inode)),
    rows: coverageOf(model).rows,
    losses: lossesOf(model),
    forgotten: coverageOf(model).evicted,
    complete: coverage.ended && coverage.cut === null,
    certainty,
    reasons: [...reasons, ...cutReasons(model)],
    not_covered: notCovered(model),
    kernel: header.kernel,
    bpftrace: header.bpftrace,
    at_ns: coverage.now,
    from_ns: startOf(model),
  };
}

function lossesOf({ coverage }: Model): readonly RowLoss[] {
  return coverage.losses
    .filter(({ what }) => what === 'lost')
    .map(({ from, to, rows, kind }) => ({ from_ns: from, to_ns: to, rows, kind }));
}

/** How many files a report without a limit tells of. */
export function countFilesTold(model: Model): number {
  return filesWorthTelling(model).length;
}

/** In the order in which they were first seen; a number that was reused stands for two files. */
export function filesWorthTelling(model: Model): readonly Inode[] {
  return [...model.inodes.values()]
    .flatMap(generationsOf)
    .filter((inode) => isAnswerable(inode) && hasStory(inode))
    .sort((one, other) => one.since - other.since || (one.key < other.key ? -1 : 1));
}
