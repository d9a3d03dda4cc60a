/**
 * Processes and threads as /proc lists them. Names are what the process calls itself: raw and hostile, cleaned only
 * where they are shown. Kernel threads are kept apart: they hold no descriptors and map nothing.
 */
import { listNumbers, PROC_ROOT, readText } from './proc-file.ts';

export interface Task {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  /** R, S, D, T, Z …: proc_pid_stat(5). */
  readonly state: string;
  readonly parent: number;
  /** Nanoseconds of CLOCK_BOOTTIME: with the pid it names a process for ever. */
  readonly startNs: number;
  readonly isKernelThread: boolean;
  /** The CPU on which it ran last. */
  readonly cpu: number;
}

/** All processes, ascending. */
export function listPids(procRoot = PROC_ROOT): readonly number[] {
  return listNumbers(procRoot);
}

/** The threads of a process, ascending; none when it is gone. */
export function listTids(pid: number, procRoot = PROC_ROOT): readonly number[] {
  return listNumbers(`${procRoot}/${pid}/task`);
}

/** Every process with the facts of its first thread. */
export function listProcesses(procRoot = PROC_ROOT): readonly Task[] {
  return listPids(procRoot).flatMap((pid) => readTask(pid, pid, procRoot) ?? []);
}

/** The pids of all processes but the kernel's own threads. */
export function listUserProcesses(procRoot = PROC_ROOT): readonly number[] {
  return listProcesses(procRoot).flatMap(({ pid, isKernelThread }) => (isKernelThread ? [] : [pid]));
}

/** The facts of one thread, or null when it is gone. */
export function readTask(pid: number, tid: number = pid, procRoot = PROC_ROOT): Task | null {
  const text = readText(`${procRoot}/${pid}/task/${tid}/stat`);
  return text === null ? null : parseTaskStat(text, pid);
}

/** The name of a process, without the newline that the kernel adds; '' when it is gone. */
export function readTaskName(pid: number, procRoot = PROC_ROOT): string {
  return (readText(`${procRoot}/${pid}/comm`) ?? '').replace(/\n$/, '');
}

/**
 * Whether a thread of the process, other than `except`, sleeps uninterruptibly. Such a thread may hold the process's
 * mmap_lock, or queue for it and hold up every reader: then whoever reads the maps or the memory may wait as long.
 */
export function hasStuckThread(pid: number, procRoot = PROC_ROOT, except?: number): boolean {
  return listTids(pid, procRoot).some((tid) => tid !== except && readTask(pid, tid, procRoot)?.state === 'D');
}

/** PF_KTHREAD of include/linux/sched.h, the same number from 6.1 to 7.3. */
const KERNEL_THREAD = 0x00200000;

/** USER_HZ: what /proc counts times in, 100 on all architectures that are still built but alpha. */
const TICK_NS = 10_000_000;

/**
 * Parses /proc/PID/stat: `18757 (python3) S 18753 …`, proc_pid_stat(5). The name may itself hold spaces and
 * parentheses: it ends at the last one.
 */
export function parseTaskStat(text: string, pid: number): Task | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const tid = Number.parseInt(text, 10);
  // Field 3 of the manual page is fields[0] here.
  const fields = text.slice(close + 2).split(' ');
  const [state, parent, flags, start, cpu] = [fields[0], fields[1], fields[6], fields[19], fields[36]];
  if (state === undefined || start === undefined || !Number.isInteger(tid)) return null;
  return {
    pid,
    tid,
    comm: text.slice(open + 1, close),
    state,
    parent: Number(parent),
    startNs: Number(start) * TICK_NS,
    isKernelThread: (Number(flags) & KERNEL_THREAD) !== 0,
    cpu: Number(cpu ?? 0),
  };
}
