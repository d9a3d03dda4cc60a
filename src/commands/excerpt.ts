/** The part of a report that is about one period: what was so in it, and what came to be so before and lasted into it. */
import type { ReportAnswer, TimelineEntry, WhoAnswer } from '../model/answer.ts';

type Story = readonly TimelineEntry[];

export interface Excerpt {
  readonly answer: ReportAnswer;
  /** Of the files that are left, in their order. */
  readonly stories: readonly Story[];
}

/**
 * Leaves out what was over before `fromNs`. The report is as of the period's end already.
 * @param stories the stories of `answer.files`, in the same order
 */
export function excerptSince(answer: ReportAnswer, stories: readonly Story[], fromNs: number): Excerpt {
  const kept = answer.files.flatMap((file, i) => {
    const part = fileSince(file, fromNs);
    const story = storySince(stories[i] ?? [], fromNs);
    const isEmpty = part.holders.length + part.operations.length + story.length === 0;
    return isEmpty ? [] : [{ file: part, story }];
  });
  return {
    answer: {
      ...answer,
      findings: answer.findings.filter(({ end_ns }) => isStillSo(end_ns, fromNs)),
      files: kept.map(({ file }) => file),
    },
    stories: kept.map(({ story }) => story),
  };
}

function fileSince(file: WhoAnswer, fromNs: number): WhoAnswer {
  return {
    ...file,
    holders: file.holders.filter(({ ended_ns }) => isStillSo(ended_ns, fromNs)),
    operations: file.operations.filter(({ ended_ns }) => isStillSo(ended_ns, fromNs)),
  };
}

function isStillSo(endNs: number | null | undefined, fromNs: number): boolean {
  return endNs === null || endNs === undefined || endNs >= fromNs;
}

/** Its moments from then on, after the beginnings of what lasted into it: its lanes are drawn from those. */
function storySince(story: Story, fromNs: number): Story {
  const open = new Map<number, TimelineEntry>();
  for (const entry of story) {
    if (entry.at_ns >= fromNs) break;
    if (entry.span?.edge === 'start') open.set(entry.span.lane, entry);
    else if (entry.span?.edge === 'end') open.delete(entry.span.lane);
  }
  const begun = new Set(open.values());
  return story.filter((entry) => entry.at_ns >= fromNs || begun.has(entry));
}
