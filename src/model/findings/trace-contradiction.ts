/** Rows of the trace, or a walk and rows, that cannot all be true: a finding about the trace, not about the file. */
import { DEFINITE } from '../judgement.ts';
import type { Contradiction, Model } from '../state.ts';
import { offset, taskName } from '../wording.ts';
import type { Rule } from './rule.ts';

export const traceContradiction: Rule = {
  id: 'trace-contradiction',
  severity: 'note',
  thread: 'not in it: this is about the trace',
  aboutContradiction: (contradiction, model) => {
    const { what, task, at, last, count } = contradiction;
    const often = count > 1 ? `, ${count} times` : '';
    return [
      {
        text: `the trace contradicts itself: ${storyText(contradiction, model)}${often}; what it tells of this file is no more than likely`,
        tasks: task === null ? [] : [task],
        start: at,
        end: last,
        judgement: DEFINITE,
        key: `${what} ${task?.pid ?? 0}`,
      },
    ];
  },
};

function storyText({ what, task, at }: Contradiction, model: Model): string {
  const when = `at ${offset(model, at)}`;
  const who = task === null ? 'a process' : taskName(task);
  switch (what) {
    case 'acts-after-exit':
      return `${who} did something ${when}, after its exit`;
    case 'exit-unseen':
      return `${who} made way ${when} for a new process with its pid, and its exit was not told`;
    case 'closed-while-held':
      return task === null
        ? `the last reference to an open file behind it went ${when}, while it waited in a socket's queue`
        : `the last reference to an open file behind it went ${when}, while ${who} had a descriptor of it`;
    case 'pages-miscounted':
      return `the pages that were left ${when} are not those that were taken and not released`;
    case 'lease-untold':
      return `a lease of ${who} ended or changed ${when} that was not seen taken so`;
  }
}
