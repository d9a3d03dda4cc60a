/**
 * Tries whether this kernel and bpftrace attach a kind of probe: a program of one empty probe is started for real and
 * ended at once. bpftrace's own `--info` is not asked: 0.17 says "kprobe: yes" on kernels without kprobes.
 */
import { execa } from 'execa';
import { lastWords, reasonOf } from '../bpftrace-errors.ts';
import { bpftraceBinary } from '../kernel.ts';

/** 0.17 takes 5 s to start in an emulated guest. */
const TRIAL_MS = 60_000;

/** What BEGIN prints reaches us only when everything else of the program is attached. */
const ATTACHED = 'every probe is attached';

/** Attaches the hook, which must exist on every kernel of its kind. @returns why it failed, or null where it worked. */
export async function tryHook(hook: string): Promise<string | null> {
  return tryProgram(`BEGIN { printf("${ATTACHED}\\n"); exit(); } ${hook} { }`);
}

/** Runs an iterator, which ends by itself; nothing else may be in its program. */
export async function tryIterator(target: string): Promise<string | null> {
  return tryProgram(`iter:${target} { if (0) { printf("${ATTACHED}\\n"); } }`, 'ended');
}

async function tryProgram(program: string, proof: 'printed' | 'ended' = 'printed'): Promise<string | null> {
  const run = await execa(bpftraceBinary(), ['-e', program], {
    reject: false,
    timeout: TRIAL_MS,
    stdin: 'ignore',
    env: { LC_ALL: 'C' },
  });
  if (run.timedOut) return `bpftrace had not attached it after ${TRIAL_MS / 1000} s`;
  const isProved = proof === 'ended' ? run.exitCode === 0 : run.stdout.includes(ATTACHED);
  if (isProved) return null;
  const stderr = run.stderr.split('\n').filter((line) => line.trim() !== '');
  return reasonOf(stderr) ?? lastWords(stderr) ?? `bpftrace ended with ${run.exitCode ?? run.signal}`;
}
