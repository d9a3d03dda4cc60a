/**
 * Since when a thread sleeps. /proc/PID/task/TID/sched prints `se.exec_start`: when it ran last, by the clock of the CPU
 * it ran on. These clocks leave out time stolen by a hypervisor or spent in interrupts, so they differ by seconds from
 * boot time and from CPU to CPU (measured: 10 s after 4 hours): the thread is compared with a process that runs on that
 * very CPU now.
 */
import { execa } from 'execa';
import { PROC_ROOT, readText } from './proc-file.ts';
import { readTask } from './tasks.ts';

/** Answers for one thread after the other; the clock of each CPU is read once. */
export interface SleepClock {
  /** Boot ns at which the thread fell asleep, or 0 where it cannot be told. A sleeper that woke meanwhile: since then. */
  asleepSince(pid: number, tid: number): Promise<number>;
}

/** `offsetOf`: what must be added to the clock of a CPU to get boot ns; null where it could not be read. */
export function createSleepClock(
  procRoot = PROC_ROOT,
  offsetOf: (cpu: number) => Promise<number | null> = measureOffset,
): SleepClock {
  const offsets = new Map<number, Promise<number | null>>();
  return {
    async asleepSince(pid, tid) {
      const task = readTask(pid, tid, procRoot);
      const ranLast = parseExecStart(readText(`${procRoot}/${pid}/task/${tid}/sched`) ?? '');
      if (task === null || ranLast === null) return 0;
      const offset = await (offsets.get(task.cpu) ?? remember(offsets, task.cpu, offsetOf(task.cpu)));
      return offset === null ? 0 : Math.max(task.startNs, ranLast + offset);
    },
  };
}

/** CLOCK_BOOTTIME in nanoseconds, to a hundredth of a second: /proc/uptime. 0 where it cannot be read. */
export function readBootNs(procRoot = PROC_ROOT): number {
  return Math.round(Number.parseFloat(readText(`${procRoot}/uptime`) ?? '') * 1e9) || 0;
}

/** `se.exec_start   :   13469714.363249`, milliseconds; null in kernels without CONFIG_SCHED_DEBUG. */
export function parseExecStart(text: string): number | null {
  const ms = /^se\.exec_start\s*:\s*(\d+\.\d+)/m.exec(text)?.[1];
  return ms === undefined ? null : Math.round(Number(ms) * 1e6);
}

function remember<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}

async function measureOffset(cpu: number): Promise<number | null> {
  const before = readBootNs();
  const { stdout, failed } = await execa('taskset', ['-c', String(cpu), 'cat', '/proc/self/sched'], {
    reject: false,
    timeout: 1_000,
    stdin: 'ignore',
  });
  const after = readBootNs();
  const now = failed ? null : parseExecStart(stdout);
  return now === null ? null : (before + after) / 2 - now;
}
