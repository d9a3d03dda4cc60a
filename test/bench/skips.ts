/**
 * How many hits the kernel skips of each kind of probe while processes that outnumber the processors do nothing but hit it,
 * next to how many there were; and whether `recursion_misses` tells it (src/capture/skipped-hits.ts).
 */
import { join } from 'node:path';
import { compileProgram } from '../lab/compile.ts';
import { type BootOptions, bootGuest } from '../lab/guest.ts';
import { waitForText } from '../lab/late.ts';
import { LabError, lastLines, say } from '../lab/messages.ts';
import { installBinary } from '../lab/trace.ts';
import { ask } from './ask.ts';

export interface SkipBenchOptions {
  readonly processes: number;
  readonly pipes: number;
  readonly boot: BootOptions;
}

export interface ProbeSkips {
  readonly probe: string;
  /** How often the kernel came by, by what the workload did. */
  readonly hits: number;
  /** How often the program ran. */
  readonly seen: number;
}

export interface SkipBench {
  /** As the kernel tells it: `none (voluntary) full`. */
  readonly preemption: string;
  readonly probes: readonly ProbeSkips[];
  /** The sum of all programs' `recursion_misses`. */
  readonly told: number;
}

const ATTACH_MS = 120_000;
const WORK_MS = 300_000;

/** Hits for each pipe that is opened and closed. All versions of bpftrace know the old names of fentry and fexit. */
const PROBES = [
  { probe: 'fentry', hook: 'kfunc:fd_install', each: 2 },
  { probe: 'kprobe', hook: 'kprobe:fd_install', each: 2 },
  { probe: 'fexit', hook: 'kretfunc:create_pipe_files', each: 1 },
  { probe: 'kretprobe', hook: 'kretprobe:create_pipe_files', each: 1 },
  { probe: 'tracepoint', hook: 'tracepoint:syscalls:sys_exit_close', each: 2 },
] as const;

const PROGRAM = [
  'BEGIN { printf("ready\\n"); }',
  ...PROBES.map(({ probe, hook }) => `${hook} /comm == "closes"/ { @seen["${probe}"] = count(); }`),
].join('\n');

/** Measures in one guest, booted for this. Throws a LabError when a command of it fails. */
export async function benchSkips({ processes, pipes, boot }: SkipBenchOptions): Promise<SkipBench> {
  const binary = await compileProgram(join(import.meta.dirname, 'closes.c'));
  const guest = await bootGuest(boot);
  try {
    const closes = await installBinary(guest, binary);
    const preemption = (await guest.run(['cat', '/sys/kernel/debug/sched/preempt'])).stdout.trim();
    const tracer = guest.start(['bpftrace', '-e', PROGRAM]);
    if ((await waitForText(tracer, 'stdout', /ready/, 'bpftrace', ATTACH_MS)) === null)
      throw new LabError('bpftrace ended', lastLines((await tracer.result).stderr, 4));
    await ask(guest, [closes, `${processes}`, `${pipes}`], WORK_MS);
    const told = await ask(guest, ['sh', '-c', SUM_OF_MISSES], WORK_MS);
    await tracer.kill('INT');
    const { stdout } = await tracer.result;
    say(`${processes} processes with ${pipes} pipes each: done`);
    const probes = PROBES.map(({ probe, each }) => ({
      probe,
      hits: each * processes * pipes,
      seen: Number(new RegExp(`@seen\\[${probe}\\]: (\\d+)`).exec(stdout)?.[1] ?? 0),
    }));
    return { preemption, probes, told: Number(told) };
  } finally {
    await guest.powerOff();
  }
}

const SUM_OF_MISSES =
  "cat /proc/$(pidof bpftrace)/fdinfo/* | awk '/^recursion_misses/ { sum += $2 } END { print sum + 0 }'";

/** One line for each kind of probe, and the kernel's own count of all. */
export function skipTable({ preemption, probes, told }: SkipBench): string {
  const lines = probes.map(({ probe, hits, seen }) => {
    const share = ((100 * (hits - seen)) / hits).toFixed(1);
    return `${probe.padEnd(10)}  ${String(hits).padStart(9)} hits  ${String(seen).padStart(9)} seen  ${share.padStart(5)} % skipped`;
  });
  const skipped = probes.reduce((sum, { hits, seen }) => sum + hits - seen, 0);
  return [
    `preemption: ${preemption || 'not told by this kernel'}`,
    ...lines,
    `${skipped} skipped in all; the kernel's own count (recursion_misses): ${told}`,
  ].join('\n');
}
