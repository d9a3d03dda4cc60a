/**
 * What must be concluded from final-close-contexts.c: each lease ended by the last close, whatever brought that about;
 * where the last descriptor went before the last reference, the close was late, and the lease was nobody's meanwhile.
 */
import type { Story } from '../lab/story.ts';
import { agreeOnFindings, conclude } from './agreement.ts';
import { agreeOnHolders } from './holders.ts';
import { every, only, textIn } from './truth.ts';

/** Ways in which the descriptor goes two seconds before the reference does. */
const LATE = ['munmap', 'worker'];

export const finalCloseContexts: Story = {
  name: 'final-close-contexts',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  check: (run) =>
    conclude(run, (found) => {
      const taken = only(found.truth, 'lease-taken');
      const { pid } = taken;
      // a process that ends in letting go cannot tell of it: its parent does
      const gone = every(found.truth, 'let-go')[0] ?? only(found.truth, 'exited', { who: pid });
      const by = textIn(only(found.truth, 'letting-go'), 'by');
      return [
        ...agreeOnHolders(found.file, [{ kind: 'lease', taken, endedNs: gone.t_ns, endedBy: 'close' }]),
        ...agreeOnFindings(found, {
          must: LATE.includes(by)
            ? [
                // a kernel worker closes in nobody's name
                { id: 'late-final-close', pids: by === 'worker' ? [] : [pid] },
                { id: 'zombie-lease', pids: [pid] },
              ]
            : [],
        }),
      ];
    }),
};
