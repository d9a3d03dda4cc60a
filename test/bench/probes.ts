/**
 * What tracing costs, in one boot of a guest: nanoseconds for each run of every probe (kernel.bpf_stats_enabled) next to
 * an empty fentry probe, and how much slower loops become that hit the probes as often as anything can: with the hooks
 * alone, nothing behind them, and with the probes.
 *
 * Software emulation stretches all times, BPF's and the loops' alike; ratios are what to look at. On a host that has other
 * work WHOPINS_LAB_ACCEL=icount makes the guest's clock count instructions, which no neighbour changes.
 */
import { join } from 'node:path';
import { compileProgram } from '../lab/compile.ts';
import { type BootOptions, bootGuest, type Guest } from '../lab/guest.ts';
import { waitForText } from '../lab/late.ts';
import { LabError, lastLines, say } from '../lab/messages.ts';
import { installBinary } from '../lab/trace.ts';
import { ask } from './ask.ts';
import { EMPTY_IS_READY, emptied, wholeNames } from './hooks.ts';

export interface ProbeBenchOptions {
  /** Times each loop is measured, traced and untraced in turns. */
  readonly runs: number;
  readonly boot: BootOptions;
}

/** Nanoseconds of the best run: untraced, with empty programs at all hooks, and traced. */
export interface LoopTime {
  readonly loop: string;
  readonly count: number;
  readonly untracedNs: number;
  readonly hookedNs: number;
  readonly tracedNs: number;
}

export interface ProbeTime {
  readonly name: string;
  readonly runs: number;
  readonly nsEach: number;
}

export interface ProbeBench {
  readonly loops: readonly LoopTime[];
  /** Those that ran, the slowest first. */
  readonly probes: readonly ProbeTime[];
  /** An empty fentry probe on a function that the loops call. */
  readonly emptyNs: number;
}

const LOOPS = [
  { loop: 'direct', count: 2000, file: '/mnt/ext4/bench' },
  { loop: 'open-close', count: 20_000, file: '/mnt/tmp/bench' },
  { loop: 'fork', count: 1000, file: '/mnt/tmp/bench' },
] as const;

/** With a clock of instructions all is three times as slow. */
const ATTACH_MS = 1_200_000;

/** Measures in one guest, booted for this. Throws a LabError when a command of it fails. */
export async function benchProbes({ runs, boot }: ProbeBenchOptions): Promise<ProbeBench> {
  const binary = await compileProgram(join(import.meta.dirname, 'loops.c'));
  const guest = await bootGuest(boot);
  try {
    const loops = await installBinary(guest, binary);
    await ask(guest, ['sysctl', '-qw', 'kernel.bpf_stats_enabled=0'], ATTACH_MS);
    const untraced = await timeLoops(guest, loops, runs);
    say('untraced: done');
    const program = await ask(guest, ['whopins', 'record', '--print-program'], ATTACH_MS);
    const hooked = await whileTracing(guest, ['bpftrace', '-e', emptied(program)], async () => {
      const times = await timeLoops(guest, loops, runs);
      say('hooks alone: done');
      return times;
    });
    const traced = await whileTracing(
      guest,
      ['whopins', 'record', '--no-walk', '-o', '/run/bench'],
      async () => {
        const times = await timeLoops(guest, loops, runs);
        say('traced: done');
        return { times, probes: await countRuns(guest, loops, program) };
      },
    );
    const empty = await whileTracing(guest, EMPTY, () => countRuns(guest, loops, ''));
    return {
      loops: LOOPS.map(({ loop, count }) => ({
        loop,
        count,
        untracedNs: untraced.get(loop) ?? 0,
        hookedNs: hooked.get(loop) ?? 0,
        tracedNs: traced.times.get(loop) ?? 0,
      })),
      probes: traced.probes,
      emptyNs: empty[0]?.nsEach ?? 0,
    };
  } finally {
    await guest.powerOff();
  }
}

/** All versions know the old name of fentry. What it prints when it is attached is what we wait for. */
const EMPTY = ['bpftrace', '-e', `BEGIN { printf("${EMPTY_IS_READY}\\n"); } kfunc:__fput { }`];

async function whileTracing<Value>(
  guest: Guest,
  argv: readonly string[],
  work: () => Promise<Value>,
): Promise<Value> {
  const tracer = guest.start(['sh', '-c', 'exec "$@" 2>&1', 'sh', ...argv]);
  const ready = await waitForText(tracer, 'stdout', /recording to/, 'tracing', ATTACH_MS);
  if (ready === null)
    throw new LabError(`${argv.join(' ')} ended`, lastLines((await tracer.result).stdout, 4));
  try {
    return await work();
  } finally {
    await tracer.kill('INT');
    await tracer.result;
  }
}

async function timeLoops(guest: Guest, loops: string, runs: number): Promise<Map<string, number>> {
  const best = new Map<string, number>();
  for (let i = 0; i < runs; i++) {
    for (const { loop, count, file } of LOOPS) {
      const { ns } = JSON.parse(await ask(guest, [loops, loop, String(count), file], ATTACH_MS)) as {
        ns: number;
      };
      best.set(loop, Math.min(best.get(loop) ?? Number.POSITIVE_INFINITY, ns));
    }
  }
  return best;
}

interface LoadedProgram {
  readonly id: number;
  readonly name: string;
  readonly runs: number;
  readonly ns: number;
}

/**
 * Runs the loops once more with the kernel's own count of time; it costs something itself, so it is off before. `program`
 * is what was loaded, for whole names.
 */
async function countRuns(guest: Guest, loops: string, program: string): Promise<ProbeTime[]> {
  await ask(guest, ['sysctl', '-qw', 'kernel.bpf_stats_enabled=1'], ATTACH_MS);
  await timeLoops(guest, loops, 1);
  const text = await ask(guest, [loops, 'programs'], ATTACH_MS);
  await ask(guest, ['sysctl', '-qw', 'kernel.bpf_stats_enabled=0'], ATTACH_MS);
  const programs = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LoadedProgram);
  const names = wholeNames(
    programs.map(({ name }) => name),
    program,
  );
  return programs
    .map(({ name, runs, ns }, i) => ({ name: names[i] ?? name, runs, nsEach: ns / runs }))
    .filter(({ runs }) => runs > 0)
    .sort((one, other) => other.nsEach - one.nsEach);
}

/** Two tables: the loops, then the probes next to the empty one. */
export function probeTable({ loops, probes, emptyNs }: ProbeBench): string {
  const slower = (ns: number, untracedNs: number) => `${((ns / untracedNs - 1) * 100).toFixed(1)} %`;
  const each = (ns: number, count: number) => `${(ns / count / 1000).toFixed(1)} µs`;
  return [
    ...columns([
      ['loop', 'untraced', 'hooks alone', 'slower', 'traced', 'slower'],
      ...loops.map(({ loop, count, untracedNs, hookedNs, tracedNs }) => [
        loop,
        each(untracedNs, count),
        each(hookedNs, count),
        slower(hookedNs, untracedNs),
        each(tracedNs, count),
        slower(tracedNs, untracedNs),
      ]),
    ]),
    '',
    ...columns([
      ['probe', 'runs', 'ns each', 'to empty'],
      ['(empty fentry)', '', emptyNs.toFixed(0), '1.0'],
      ...probes.map(({ name, runs, nsEach }) => [
        name,
        String(runs),
        nsEach.toFixed(0),
        (nsEach / emptyNs).toFixed(1),
      ]),
    ]),
  ].join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const cell = (text: string, i: number) =>
    i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}
