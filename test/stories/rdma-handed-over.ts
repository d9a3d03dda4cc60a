/**
 * What must be concluded from rdma-handed-over.c, the thread's own case: the memory region of a dead process lives on
 * in B, and truncate freed the file's pages under it. Also the words of `who` at the moment when truncate returned.
 */
import type { Story, TruthRow } from '../lab/story.ts';
import { conclude } from './agreement.ts';
import { differ } from './difference.ts';
import { judgeHandedOver } from './handed-over.ts';
import { numbersIn, only, subjectOf, taskOf, textIn } from './truth.ts';

/** Just after: long enough for the truncate's row to be decoded, long before B closes. */
const MOMENT_NS = 100e6;

export const rdmaHandedOver: Story = {
  name: 'rdma-handed-over',
  // 6.1 too: a long-term pin of tmpfs pages was always allowed
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  check: (run) =>
    conclude(run, (found) => {
      const complaints = judgeHandedOver(found, false);
      if (found.late) return complaints;
      const afterTruncate = only(found.truth, 'truncate-ended').t_ns + MOMENT_NS;
      const said = run.whoText(found.subject.path, afterTruncate);
      return [...complaints, ...differ('who', wordsOf(said), expectedWords(found.truth))];
    }),
};

/** The lines of `who` without what may differ from run to run: the ages. */
export function wordsOf(said: string): readonly string[] {
  return said
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd().replace(/\b\d+(\.\d+)? m?s ago\b/g, 'AGE ago'));
}

/** What `who` must say at that moment, word for word, with the story's own pids, descriptor and inode. */
export function expectedWords(truth: readonly TruthRow[]): readonly string[] {
  const { path, dev, ino } = subjectOf(only(truth, 'file-made'));
  const pinned = only(truth, 'pages-pinned');
  const received = only(truth, 'fds-received');
  const [a, b, c] = [taskOf(pinned), taskOf(received), taskOf(only(truth, 'truncate-ended'))];
  const [fd] = numbersIn(received, 'fds');
  return [
    `${path}   tmpfs ${dev} inode ${ino}`,
    `  pinned    256 pages (1.0 MiB), long-term, RDMA memory region on ${textIn(pinned, 'device')}`,
    `  pinned by ${a}, which exited AGE ago; its lease (write) ended when it exited`,
    `  held by   ${b} through uverbs fd ${fd}, received over SCM_RIGHTS from ${a}`,
    `  so        truncate by ${c} freed the file's pages under this pin: the device can still write to them`,
    `  to free   close fd ${fd} in ${b}, or end it`,
    `  certain   every event since before the pin; 0 lost`,
  ];
}
