/**
 * Waits for busy DAX pages: the row names the page, and a pin that starts with this page names the pinner.
 */
import type { RowEvent } from '../event/event.ts';
import type { OperationName } from './answer.ts';
import { lastInodeOf } from './inodes.ts';
import { beginOperation, pinsUnder, tieToInode } from './operations.ts';
import type { Inode, Model, OperationRecord } from './state.ts';
import { beginWait, endWaits } from './waits.ts';

/** Calls whose return has a row. */
const ENDS_TOLD: ReadonlySet<OperationName> = new Set(['open', 'truncate', 'hole-punch']);

export function applyWaitBegan(model: Model, row: RowEvent<'wait.began'>): void {
  const inode = lastInodeOf(model, row);
  const running = model.operations.get(row.tid);
  const operation =
    running !== undefined && (running.ended === null || running.op === 'other')
      ? running
      : beginOperation(model, row, inode, { op: 'other', detail: unnamedCall(inode), implied: true });
  tieToInode(model, operation, inode);
  const exact = [...operation.inode.pins].filter((pin) => pin.pages.includes(row.page));
  const matched = exact.length > 0;
  const pins = matched ? exact : pinsUnder(operation);
  const { page } = row;
  beginWait(
    model,
    operation,
    { on: 'dax-page', page, pins, matched: matched || followsOn(operation) },
    row.ts,
  );
}

export function applyWaitEnded(model: Model, row: RowEvent<'wait.ended'>): void {
  const operation = model.operations.get(row.tid);
  if (operation === undefined) return;
  endWaits(model, operation, row.ts);
  // Nothing will tell the end of a call that is known by its waits alone.
  if (!operation.implied || ENDS_TOLD.has(operation.op)) return;
  operation.ended = row.ts;
  // evict returns nothing, and from 6.15 on nothing interrupts its wait (fs/dax.c, dax_break_layout_final).
  if (operation.inode.evicted !== null) operation.result = 0;
}

function unnamedCall(inode: Inode): string {
  return inode.evicted === null ? '' : 'the last reference to an unlinked file went';
}

/** A later page of a pin whose first page was waited for. */
function followsOn(operation: OperationRecord): boolean {
  return operation.waits.at(-1)?.matched === true;
}
