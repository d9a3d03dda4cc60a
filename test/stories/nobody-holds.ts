/** What must be concluded from nobody-holds.c: nobody pins it; B, who has it open and mapped, holds nothing. */
import type { Story } from '../lab/story.ts';
import { concludeWalk } from './agreement.ts';
import { numberIn, only } from './truth.ts';
import { agreeOnWalk, user } from './walked.ts';

export const nobodyHolds: Story = {
  name: 'nobody-holds',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  lateOnly: 'from the start the end of the pins is seen, as in every other story',
  check: (run) =>
    concludeWalk(run, (found) => {
      const opened = only(found.truth, 'opened');
      return agreeOnWalk(found, { users: [user(opened, numberIn(opened, 'mapped'))] });
    }),
};
