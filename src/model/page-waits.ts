/**
 * Waits for busy DAX pages: the row names the page, and a pin that starts with this page names the pinner.
 */
import type { RowEvent } from '../event/event.ts';
import { inodeOf } from './inodes.ts';
import { beginOperation, pinsUnder, tieToInode } from './operations.ts';
import type { Model, OperationRecord } from './state.ts';
import { beginWait, endWaits } from './waits.ts';

export function applyWaitBegan(model: Model, row: RowEvent<'wait.began'>): void {
  const inode = inodeOf(model, row);
  const running = model.operations.get(row.tid);
  const operation =
    running !== undefined && (running.ended === null || running.op === 'other')
      ? running
      : beginOperation(model, row, inode, { op: 'other', detail: '', implied: true });
  tieToInode(model, operation, inode);
  const exact = [...operation.inode.pins].filter((pin) => pin.pages.includes(row.page));
  const matched = exact.length > 0;
  const pins = matched ? exact : pinsUnder(operation);
  beginWait(model, operation, { on: 'dax-page', pins, matched: matched || followsOn(operation) }, row.ts);
}

export function applyWaitEnded(model: Model, row: RowEvent<'wait.ended'>): void {
  const operation = model.operations.get(row.tid);
  if (operation === undefined) return;
  endWaits(model, operation, row.ts);
  // Nothing will tell the end of a call that is known by its waits alone.
  if (operation.implied && operation.op === 'other') operation.ended = row.ts;
}

/** A later page of a pin whose first page was waited for. */
function followsOn(operation: OperationRecord): boolean {
  return operation.waits.at(-1)?.matched === true;
}
