/**
 * The one way into the model: each event changes what is known. Total: any sequence of events is taken, nothing is
 * thrown; what makes no sense together is marked in the entities, not refused.
 */
import { unreachable } from '../base/brand.ts';
import type { Event, RowEvent } from '../event/event.ts';
import { applyBreakBlocked, applyBreakEnded, applyBreakRequested } from './breaks.ts';
import { countRow, noteSkipped, noteStream } from './coverage.ts';
import { applyFinalClosed } from './final-close.ts';
import { applyClosed, applyDiscarded, applyInstalled, applySent } from './hand-overs.ts';
import { applyEvicted, applyNamed } from './inodes.ts';
import {
  applyLeaseAdded,
  applyLeaseChanged,
  applyLeaseClient,
  applyLeaseRefused,
  applyLeaseReleased,
  applyLeaseSignalled,
} from './leases.ts';
import {
  abandonOperations,
  applyHoleBegan,
  applyHoleEnded,
  applyOpenEnded,
  applyTruncateBegan,
  applyTruncateEnded,
} from './operations.ts';
import { applyWaitBegan, applyWaitEnded } from './page-waits.ts';
import { applyPinDropped, applyPinRefused, applyPinTaken } from './pins.ts';
import { applySeam } from './seam.ts';
import type { Model } from './state.ts';
import { applyExecuted, applyExited, applyForked } from './tasks.ts';
import { applyWalkRow, isWalkRow, type WalkRow } from './walk/reduce-walk.ts';

/** Takes the next event. Events come in order of time, but for late rows, which are taken as they come. */
export function applyEvent(model: Model, event: Event): void {
  switch (event.kind) {
    case 'stream.lost':
    case 'stream.fired':
    case 'stream.bad':
    case 'stream.late':
    case 'stream.cut':
      noteStream(model.coverage, event);
      return;
    case 'stream.seam':
      applySeam(model, event.ts);
      noteStream(model.coverage, event);
      return;
    default:
      countRow(model.coverage, event);
      if (isWalkRow(event)) applyWalkRow(model, event);
      else applyRow(model, event);
  }
}

function applyRow(model: Model, row: Exclude<RowEvent, WalkRow>): void {
  switch (row.kind) {
    case 'hello':
    case 'beat':
    case 'bye':
    // Short-term pins, by the number: each is over before anybody could ask who holds it.
    case 'pin.counted':
      return;
    case 'probe.skipped':
      noteSkipped(model.coverage, row);
      return;
    case 'task.forked':
      applyForked(model, row);
      return;
    case 'task.executed':
      applyExecuted(model, row);
      return;
    case 'task.exited':
      abandonOperations(model, row.pid, row.ts);
      applyExited(model, row);
      return;
    case 'fd.installed':
      applyInstalled(model, row);
      return;
    case 'fd.closed':
      applyClosed(model, row);
      return;
    case 'fd.sent':
      applySent(model, row);
      return;
    case 'fd.discarded':
      applyDiscarded(model, row);
      return;
    case 'file.finalClosed':
      applyFinalClosed(model, row);
      return;
    case 'inode.named':
      applyNamed(model, row);
      return;
    case 'inode.evicted':
      applyEvicted(model, row);
      return;
    case 'lease.added':
      applyLeaseAdded(model, row);
      return;
    case 'lease.refused':
      applyLeaseRefused(model, row);
      return;
    case 'lease.changed':
      applyLeaseChanged(model, row);
      return;
    case 'lease.released':
      applyLeaseReleased(model, row);
      return;
    case 'lease.client':
      applyLeaseClient(model, row);
      return;
    case 'lease.signalled':
      applyLeaseSignalled(model, row);
      return;
    case 'break.requested':
      applyBreakRequested(model, row);
      return;
    case 'break.blocked':
      applyBreakBlocked(model, row);
      return;
    case 'break.ended':
      applyBreakEnded(model, row);
      return;
    case 'open.ended':
      applyOpenEnded(model, row);
      return;
    case 'pin.taken':
      applyPinTaken(model, row);
      return;
    case 'pin.refused':
      applyPinRefused(model, row);
      return;
    case 'pin.dropped':
      applyPinDropped(model, row);
      return;
    case 'truncate.began':
      applyTruncateBegan(model, row);
      return;
    case 'truncate.ended':
      applyTruncateEnded(model, row);
      return;
    case 'hole.began':
      applyHoleBegan(model, row);
      return;
    case 'hole.ended':
      applyHoleEnded(model, row);
      return;
    case 'wait.began':
      applyWaitBegan(model, row);
      return;
    case 'wait.ended':
      applyWaitEnded(model, row);
      return;
    default:
      unreachable(row);
  }
}
