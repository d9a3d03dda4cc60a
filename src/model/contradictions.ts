/**
 * Rows that cannot all be true: with what a walk found, or with rows before them. They are counted and told, lower what
 * they touch, and refuse nothing: the later row is taken.
 *
 * Only what no order of rows among processors explains is one. That a number comes into use before the row of its close
 * is none: another thread may have closed it just then.
 */
import type { BootNs, RowEvent } from '../event/event.ts';
import { anchorsOf } from './anchors.ts';
import { remember } from './endings.ts';
import { NO_INODE, touchInode } from './inodes.ts';
import { leaseClass } from './leases.ts';
import type { Contradiction, Inode, Lease, Model, OpenFile, Pin, Task } from './state.ts';
import { seesAllOf } from './traced.ts';

interface Claim {
  readonly what: Contradiction['what'];
  readonly ts: BootNs;
  readonly task: Task | null;
}

/** Keeps it for each of these files; the same one again is counted. Rows out of order contradict nobody. */
function note(model: Model, inodes: Iterable<Inode>, { what, ts, task }: Claim): void {
  if (ts < model.coverage.now) return;
  for (const inode of new Set(inodes)) {
    if (inode.key === NO_INODE) continue;
    touchInode(inode, ts);
    const last = inode.lastContradiction;
    if (last !== null && last.what === what && last.task === task && inode.past.has(last)) {
      last.count += 1;
      last.last = ts;
      continue;
    }
    const found: Contradiction = { kind: 'contradiction', what, inode, task, at: ts, last: ts, count: 1 };
    inode.lastContradiction = found;
    inode.contradicted ??= ts;
    if (task !== null) task.isTold = true;
    remember(model, found);
  }
}

/** A process does something whose exit was told, and no fork made another with its pid. */
export function noteAfterExit(model: Model, task: Task, ts: BootNs): void {
  if (!seesAllOf(model.header, 'fd-passing')) return;
  note(model, filesOfTaker(task), { what: 'acts-after-exit', ts, task });
}

/** A fork makes a process with the pid of one whose exit was never told. */
export function noteReplaced(model: Model, task: Task, ts: BootNs): void {
  if (task.born === null || !seesAllOf(model.header, 'fd-passing')) return;
  const held = [...task.table.files].flatMap((file) => [...inodesBehind(model, file)]);
  note(model, [...filesOfTaker(task), ...held], { what: 'exit-unseen', ts, task });
}

/** The last reference to an open file goes, and somebody still has a descriptor of it. */
export function noteFinalClose(model: Model, file: OpenFile, ts: BootNs): void {
  const hold = file.held.find(({ fds, unknownCloses }) => fds.length > unknownCloses);
  if (hold === undefined || !seesAllOf(model.header, 'fd-passing')) return;
  note(model, inodesBehind(model, file), { what: 'closed-while-held', ts, task: hold.task });
}

/**
 * Pages of a pipe are released, and the kernel counts others as left than were seen taken and not released. Both count
 * the same rows, where all of them were seen.
 */
export function noteRelease(model: Model, pins: readonly Pin[], row: RowEvent<'pin.dropped'>): void {
  const isKnown = ({ via, origin, partial, unsure }: Pin) =>
    via === 'vmsplice' && origin === 'observed' && partial === null && !unsure;
  if (row.left < 0 || !pins.every(isKnown) || !seesAllOf(model.header, 'vmsplice')) return;
  const known = pins.reduce((sum, pin) => sum + pin.left, 0);
  if (known - row.pages === row.left) return;
  const inodes = pins.map(({ inode }) => inode);
  note(model, inodes, { what: 'pages-miscounted', ts: row.ts, task: pins[0]?.taker ?? null });
}

type LeaseRow = RowEvent<'lease.changed' | 'lease.released'>;

/** A lease changes or ends that was not seen taken, though its file was seen opened; or it was taken by somebody else. */
export function noteLease(model: Model, inode: Inode, row: LeaseRow, known: Lease | null): void {
  if (!seesAllOf(model.header, 'lease') || leaseClass(row.flags) !== 'lease') return;
  const taker = known?.taker ?? null;
  const isOthers = taker !== null && row.recorded > 0 && taker.pid !== row.recorded;
  const file = model.files.get(row.file);
  const isUntold = known === null && file?.origin === 'seen' && !hadLease(inode, row);
  if (isOthers || isUntold) note(model, [inode], { what: 'lease-untold', ts: row.ts, task: taker });
}

/** One that has ended already: two rows may tell one end. */
function hadLease({ past }: Inode, { file, owner }: LeaseRow): boolean {
  for (const each of past) {
    if (each.kind === 'lease' && each.file.ptr === file && each.owner === owner) return true;
  }
  return false;
}

function filesOfTaker(task: Task): Inode[] {
  return [...task.took].map(({ inode }) => inode);
}

/** The files whose leases and pins an open file keeps. */
function* inodesBehind(model: Model, file: OpenFile): Generator<Inode> {
  for (const lease of file.leases) yield lease.inode;
  for (const anchor of anchorsOf(model, file)) for (const pin of anchor.pins) yield pin.inode;
}
