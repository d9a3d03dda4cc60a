/** What must be concluded from punch-own-pins.c: the child waits for its own pipe, a cycle of one, until it is killed. */
import type { Story, TruthRow } from '../lab/story.ts';
import {
  agreeOnFindings,
  agreeOnHungOperation,
  agreeOnOperation,
  conclude,
  type ExpectedFindings,
} from './agreement.ts';
import { UNKNOWN_BEFORE } from './handed-over.ts';
import { agreeOnHolders, agreeOnWalkedPin, child } from './holders.ts';
import { numberIn, only } from './truth.ts';
import { agreeOnWalk, handle, user } from './walked.ts';

/** What the kernel's function returns when a signal ends its sleep; user space never sees it (include/linux/errno.h). */
const ERESTARTSYS = 512;

export const punchOwnPins: Story = {
  name: 'punch-own-pins',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  late: true,
  check: (run) =>
    conclude(run, (found) => {
      const { truth, file } = found;
      const pinned = only(truth, 'pages-pinned');
      const began = only(truth, 'hole-began');
      const killed = only(truth, 'killed');
      const ended: TruthRow = {
        ...killed,
        pid: began.pid,
        result: -ERESTARTSYS,
        waited_ms: (killed.t_ns - began.t_ns) / 1e6,
      };
      const cycle: ExpectedFindings['must'] = [{ id: 'wait-cycle', pids: [began.pid] }];
      if (found.late) {
        const hung = { op: 'hole-punch', began, on: 'dax-page', blockers: [began.pid] } as const;
        const heldBy = [handle(only(truth, 'forked'), 'descriptor', began.pid)];
        return [
          // the mapping was inherited too
          ...agreeOnWalk(found, {
            holder: { taken: pinned, heldBy },
            waiting: hung,
            users: [user(began, numberIn(pinned, 'bytes'))],
          }),
          ...agreeOnWalkedPin(file, { taken: pinned, endedNs: killed.t_ns }),
          ...agreeOnHungOperation(found, { ...hung, ended }),
          ...agreeOnFindings(found, { must: cycle, may: ['blocked-operation', ...UNKNOWN_BEFORE] }),
        ];
      }
      return [
        ...agreeOnHolders(file, [
          {
            kind: 'pin',
            taken: pinned,
            endedNs: killed.t_ns,
            heldBy: [child(only(truth, 'forked'))],
            leaseEndedBy: null,
            freedBy: null,
          },
        ]),
        ...agreeOnOperation(file, {
          op: 'hole-punch',
          ended,
          waited: { on: 'dax-page', blockers: [began.pid], until: killed },
        }),
        ...agreeOnFindings(found, {
          must: [
            ...cycle,
            { id: 'holder-gone', pids: [pinned.pid] },
            { id: 'handed-over-without-lease', pids: [began.pid] },
          ],
          may: ['blocked-operation'],
        }),
      ];
    }),
};
