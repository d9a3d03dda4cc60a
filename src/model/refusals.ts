/**
 * Leases and pins that the kernel did not grant. A program may try again without end: the same refusal of the same
 * process, once more, is counted.
 */
import type { BootNs } from '../event/event.ts';
import { remember } from './endings.ts';
import { touchInode } from './inodes.ts';
import type { Inode, Model, Refusal, Task } from './state.ts';

export function addRefusal(
  model: Model,
  inode: Inode,
  task: Task,
  row: { readonly ts: BootNs; readonly error: number },
  asked: Pick<Refusal, 'what' | 'longterm' | 'write' | 'via'>,
): void {
  touchInode(inode, row.ts);
  const last = inode.lastRefusal;
  const isSame =
    last !== null &&
    last.task === task &&
    last.error === row.error &&
    last.what === asked.what &&
    last.longterm === asked.longterm &&
    last.write === asked.write &&
    last.via === asked.via;
  if (isSame && inode.past.has(last)) {
    last.count += 1;
    last.last = row.ts;
    return;
  }
  const refusal: Refusal = {
    kind: 'refusal',
    ...asked,
    inode,
    task,
    at: row.ts,
    last: row.ts,
    count: 1,
    error: row.error,
  };
  inode.lastRefusal = refusal;
  task.isTold = true;
  remember(model, refusal);
}
