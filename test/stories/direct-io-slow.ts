/**
 * What must be concluded from direct-io-slow.c: the truncate waits for the writer, as long as its write lasts. On 6.1,
 * where the kernel then misses the wake-up, it sleeps on for nobody; a signal is what helps, and whopins does not send it.
 */
import type { Story } from '../lab/story.ts';
import {
  agreeOnFindings,
  agreeOnHungOperation,
  agreeOnOperation,
  type Case,
  conclude,
  type ExpectedFindings,
} from './agreement.ts';
import { differ } from './difference.ts';
import { agreeOnHolders } from './holders.ts';
import { only } from './truth.ts';
import { agreeOnWalk } from './walked.ts';

const MISSES_WAKE_UP = '6.1';

const WAKES =
  'the truncate wakes when the write has ended, as it shows from the start: nothing is left to ask about';

export const directIoSlow: Story = {
  name: 'direct-io-slow',
  kernels: ['6.1', '6.12', '7.3'],
  lateCannot: { '6.12': WAKES, '7.3': WAKES },
  timeoutMs: 300_000,
  args: [],
  late: true,
  check: (run) => conclude(run, (found) => (found.late ? judgeLate(found) : judge(found))),
};

function judge(found: Case): readonly string[] {
  const { truth, file, kernel } = found;
  const taken = only(truth, 'pages-pinned');
  const released = only(truth, 'pages-released');
  const ended = only(truth, 'truncate-ended');
  const hung = kernel === MISSES_WAKE_UP;
  const forNobody: ExpectedFindings['must'] = [{ id: 'wait-without-holder', pids: [ended.pid] }];
  return [
    ...agreeOnHolders(file, [
      { kind: 'pin', taken, endedNs: released.t_ns, leaseEndedBy: null, freedBy: null },
    ]),
    ...agreeOnOperation(file, {
      op: 'truncate',
      ended,
      waited: { on: 'dax-page', blockers: [taken.pid], until: hung ? ended : released },
    }),
    ...agreeOnFindings(found, {
      must: [{ id: 'blocked-operation', pids: [ended.pid, taken.pid] }, ...(hung ? forNobody : [])],
      may: ['pin-without-lease'],
    }),
  ];
}

function judgeLate(found: Case): readonly string[] {
  const began = only(found.truth, 'truncate-began');
  const hung = { op: 'truncate', began, on: 'dax-page', blockers: [] } as const;
  return [
    ...agreeOnWalk(found, { waiting: { ...hung, idle: true } }),
    ...differ('holders', found.file.holders, []),
    ...agreeOnHungOperation(found, { ...hung, ended: only(found.truth, 'truncate-ended') }),
    ...agreeOnFindings(found, {
      must: [{ id: 'wait-without-holder', pids: [began.pid] }],
      may: ['blocked-operation'],
    }),
  ];
}
