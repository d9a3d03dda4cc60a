/** A process takes long-term pins on a file, more and more, and releases none. */
import { plural } from '../../base/text.ts';
import { formatDuration } from '../../base/time.ts';
import { HOLDER_KINDS, judgeLoss } from '../loss.ts';
import { taskName } from '../wording.ts';
import type { Rule } from './rule.ts';

export const pinLeak: Rule = {
  id: 'pin-leak',
  severity: 'warning',
  thread: 'Ira Weiny, 21 Aug 2019',
  aboutLeak: ({ task, since, at, pins }, model) => [
    {
      text: `${taskName(task)} took ${plural(pins, 'pin')} on this file within ${formatDuration(at - since)} and released none`,
      tasks: [task],
      start: since,
      end: at,
      judgement: judgeLoss(model, since, at, HOLDER_KINDS),
    },
  ],
};
