/**
 * Threads that sleep in an operation on a file: for a DAX page, a lease break, a layout recall, or queued for the inode
 * behind one that does. A busy machine has thousands of sleeping threads: the one cheap read, wchan, picks the few whose
 * stack and system call are worth reading.
 */
import { unreachable } from '../../base/brand.ts';
import { createSleepClock, type SleepClock } from './asleep-since.ts';
import { PROC_ROOT, readText } from './proc-file.ts';
import { type CallFile, parseSystemCall, type SystemCall, type WaitingOperation } from './system-call.ts';
import { listTids, readTask } from './tasks.ts';
import { isLayoutRecall, type WaitCause, type WaitSite, waitSiteOf } from './wait-sites.ts';

export interface Sleeper {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  readonly op: WaitingOperation;
  readonly on: WaitCause;
  /** The kernel function that it sleeps in. */
  readonly where: string;
  /** "to 0 bytes"; '' where the operation is not known any closer. */
  readonly detail: string;
  /** How the call names its file; null where no register tells. */
  readonly file: CallFile | null;
  /** Boot ns; 0 where it cannot be told. */
  readonly sinceNs: number;
  /** Function names, innermost first; empty without root. */
  readonly stack: readonly string[];
}

/**
 * The sleeping threads of these processes whose place is in the table of wait-sites.ts. `inode-lock` sleepers are told
 * only when their call changes a file (open, truncate, fallocate, close, unlink), not for plain reads and writes.
 */
export async function findSleepers(
  pids: readonly number[],
  procRoot = PROC_ROOT,
  clock: SleepClock = createSleepClock(procRoot),
): Promise<readonly Sleeper[]> {
  const sleepers: Sleeper[] = [];
  for (const pid of pids) {
    for (const tid of listTids(pid, procRoot)) {
      const where = (readText(`${procRoot}/${pid}/task/${tid}/wchan`) ?? '').trim();
      const site = waitSiteOf(where);
      const seen = site === null ? null : readSleeper(pid, tid, where, site, procRoot);
      if (seen !== null) sleepers.push({ ...seen, sinceNs: await clock.asleepSince(pid, tid) });
    }
  }
  return sleepers;
}

function readSleeper(
  pid: number,
  tid: number,
  where: string,
  site: WaitSite,
  procRoot: string,
): Omit<Sleeper, 'sinceNs'> | null {
  const task = readTask(pid, tid, procRoot);
  if (task === null || !'SD'.includes(task.state)) return null;
  const stack = parseStack(readText(`${procRoot}/${pid}/task/${tid}/stack`) ?? '');
  const call = parseSystemCall(readText(`${procRoot}/${pid}/task/${tid}/syscall`) ?? '');
  const op = operationOf(call, stack, site);
  if (site === 'inode-lock' && op === 'other') return null;
  return {
    pid,
    tid,
    comm: task.comm,
    op,
    on: causeOf(site, stack),
    where,
    detail: detailOf(call, op),
    file: call?.file ?? null,
    stack,
  };
}

/** Parses /proc/PID/stack: `[<0>] __break_lease+0x58e/0x6e0 [module]`. */
export function parseStack(text: string): readonly string[] {
  return [...text.matchAll(/^\[<[^>]*>\] ([^+\s]+)/gm)].map((match) => match[1] ?? '');
}

function causeOf(site: WaitSite, stack: readonly string[]): WaitCause {
  switch (site) {
    case 'lease-break':
      return isLayoutRecall(stack) ? 'layout-recall' : 'lease-break';
    case 'dax-page':
    case 'inode-lock':
      return site;
    default:
      return unreachable(site);
  }
}

/**
 * Kernel functions that stand for an operation where the call does not tell: io_uring's workers, other machines than
 * x86-64. The first that is on the stack counts; do_truncate stands before open, because an open may truncate.
 */
const OPERATIONS_BY_FUNCTION: readonly (readonly [string, WaitingOperation])[] = [
  ['do_truncate', 'truncate'],
  ['vfs_truncate', 'truncate'],
  ['vfs_fallocate', 'hole-punch'],
  ['vfs_unlink', 'unlink'],
  ['do_unlinkat', 'unlink'],
  ['do_dentry_open', 'open'],
  ['path_openat', 'open'],
  ['__fput', 'close'],
];

function operationOf(call: SystemCall | null, stack: readonly string[], site: WaitSite): WaitingOperation {
  const byStack = OPERATIONS_BY_FUNCTION.find(([name]) => stack.includes(name))?.[1];
  if (call === null || call.op === 'other') return byStack ?? call?.op ?? 'other';
  // What an open waits for once it was let in is that its O_TRUNC cuts the file.
  if (call.op === 'open' && site !== 'lease-break' && byStack === 'truncate') return 'truncate';
  return call.op;
}

function detailOf(call: SystemCall | null, op: WaitingOperation): string {
  if (call?.op === 'open' && op === 'truncate') return 'to 0 bytes, by open with O_TRUNC';
  return call?.detail ?? '';
}
