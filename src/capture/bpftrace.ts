/**
 * The bpftrace process: started, stopped, and told apart by how it ended.
 *
 * It runs in a process group of its own, so that Ctrl-C in the terminal reaches whopins only, which then lets bpftrace
 * print its last rows. Should whopins die without stopping it, the next beat row (one a second) ends it by SIGPIPE.
 */
import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { classifyExit, type ExitReason } from './bpftrace-errors.ts';
import { bpftraceBinary } from './kernel.ts';

/** How bpftrace ended. `stderr` holds its last lines, as a diagnosis. */
export interface BpftraceExit {
  readonly why: ExitReason;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderr: readonly string[];
}

export interface BpftraceProcess {
  /** Of bpftrace, or of what stands between us and one; undefined where it could not be started. */
  readonly pid: number | undefined;
  readonly stdout: Readable;
  /** Asks it to print its last rows and end; what does not end is killed after a while. */
  readonly stop: () => void;
  readonly kill: () => void;
  /** What it has said on standard error so far, the last lines. */
  readonly stderr: () => readonly string[];
  /** Settles when the process is gone and all its output was read. */
  readonly exited: Promise<BpftraceExit>;
}

/**
 * Each probe waits until no task runs in it any more: 60 of them took 7 s in an idle emulated guest, a hundred more than
 * 30 s in one whose processes opened and closed pipes all the time. Who does not want to wait stops twice.
 */
export const FORCE_KILL_MS = 120_000;
const KEPT_STDERR_LINES = 50;

/** Starts bpftrace on a program's text, its rows as JSON on `stdout`. */
export function startBpftrace(program: string, forceKillMs: number): BpftraceProcess {
  const args = ['-f', 'json', '-e', program];
  const env = bpftraceSettings(availableParallelism());
  return supervise({ file: bpftraceBinary(), args, env, input: null }, forceKillMs);
}

export interface Invocation {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Null: it is asked to end by SIGINT. Otherwise what it reads first; the end of its input then asks it to end. */
  readonly input: string | null;
}

/** Starts a bpftrace, or what stands between us and one. */
export function supervise({ file, args, env, input }: Invocation, forceKillMs: number): BpftraceProcess {
  let isStopping = false;
  const child = execa(file, args, {
    stdin: input === null ? 'ignore' : 'pipe',
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
    killSignal: 'SIGINT',
    forceKillAfterDelay: forceKillMs,
    env,
  });
  // One that is gone reads no more; how it ended says why.
  child.stdin?.on('error', () => {});
  if (input !== null) child.stdin?.write(input);

  const stderr: string[] = [];

  async function watch(): Promise<BpftraceExit> {
    for await (const line of child.iterable({ from: 'stderr' })) {
      stderr.push(line);
      if (stderr.length > KEPT_STDERR_LINES) stderr.shift();
    }
    const { code, exitCode = null, signal = null } = await child;
    const facts = { exitCode, signal, stderr };
    return { why: classifyExit({ ...facts, code, isStopping }), ...facts };
  }

  function endInput(): void {
    child.stdin?.end();
    const limit = setTimeout(() => child.kill('SIGKILL'), forceKillMs).unref();
    child.once('exit', () => clearTimeout(limit));
  }

  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: () => [...stderr],
    stop() {
      isStopping = true;
      if (input === null) child.kill('SIGINT');
      else endInput();
    },
    kill() {
      child.kill('SIGKILL');
    },
    exited: watch(),
  };
}

/**
 * What is set in bpftrace's environment. Strings of equal length make equal traces on all versions (0.17: 64 bytes and at
 * most 200; 0.23: 1024). The buffers are larger than the default of 64 pages for each CPU, but no more than 64 MiB in
 * all, unless the user's own setting of BPFTRACE_PERF_RB_PAGES says otherwise.
 */
export function bpftraceSettings(cpus: number): Readonly<Record<string, string>> {
  const pages = Math.min(1024, Math.max(64, 2 ** Math.floor(Math.log2(16_384 / cpus))));
  return {
    LC_ALL: 'C',
    BPFTRACE_STRLEN: '64',
    BPFTRACE_MAX_STRLEN: '64',
    BPFTRACE_PERF_RB_PAGES: process.env.BPFTRACE_PERF_RB_PAGES ?? String(pages),
    // The second name is the one from 0.20 on.
    BPFTRACE_MAP_KEYS_MAX: '65536',
    BPFTRACE_MAX_MAP_KEYS: '65536',
  };
}
