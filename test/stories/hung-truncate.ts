/**
 * What must be concluded when whopins came after C's truncate hung: the walk names what holds the pages, who keeps that
 * alive and by what, and ties the truncate to it by the very page; the recording that begins then sees how it ends.
 */
import { agreeOnFindings, agreeOnHungOperation, type Case } from './agreement.ts';
import { UNKNOWN_BEFORE } from './handed-over.ts';
import { agreeOnWalkedPin, type ExpectedHand } from './holders.ts';
import { only } from './truth.ts';
import { agreeOnWalk, type Handle, user } from './walked.ts';

/** `keeper` keeps the pins alive, and one page mapped; `atEnd` is in whose hands they ended, where a descriptor led to them. */
export function judgeHungTruncate(
  found: Case,
  keeper: Handle,
  atEnd?: readonly ExpectedHand[],
): readonly string[] {
  const { truth, file } = found;
  const taken = only(truth, 'pages-pinned');
  const began = only(truth, 'truncate-began');
  const mapped = only(truth, 'mapped');
  const endedNs = only(truth, 'pages-released').t_ns;
  const hung = { op: 'truncate', began, on: 'dax-page', blockers: [keeper.pid] } as const;
  return [
    ...agreeOnWalk(found, {
      holder: { taken, heldBy: [keeper] },
      waiting: hung,
      users: [user(mapped, PAGE_BYTES)],
    }),
    ...agreeOnWalkedPin(file, atEnd === undefined ? { taken, endedNs } : { taken, endedNs, heldBy: atEnd }),
    ...agreeOnHungOperation(found, { ...hung, ended: only(truth, 'truncate-ended') }),
    ...agreeOnFindings(found, {
      must: [{ id: 'blocked-operation', pids: [began.pid, keeper.pid] }],
      may: UNKNOWN_BEFORE,
    }),
  ];
}

const PAGE_BYTES = 4096;
