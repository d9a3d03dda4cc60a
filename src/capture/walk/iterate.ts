/** Runs one of the walk's programs: bpftrace loads it, the kernel visits everything once, bpftrace ends by itself. */
import { execa } from 'execa';
import { err, ok, type Result } from '../../base/result.ts';
import { isOlderThan } from '../../event/bpftrace-version.ts';
import { firstError } from '../bpftrace-errors.ts';
import { bpftraceBinary } from '../kernel.ts';
import { type Printed, readPrinted } from './printed.ts';

/** The kernel's own types, without those of its modules. */
const KERNEL_TYPES = '/sys/kernel/btf/vmlinux';

/**
 * What is set in an iterator's environment, by bpftrace's version. Before 0.20 each cast looks for its type's name in all
 * types of the kernel, and for a program without a module's function in those of every loaded module, each time from the
 * kernel's first type on (libbpf 1.1, btf__find_by_name); `uint64` is in none of them. With 42 modules a program of 50 casts
 * took 82 s to load in an emulated guest, and 13 s when it was told where the kernel's types are: then it reads no
 * others, and an iterator needs none. The user's own BPFTRACE_BTF is left as it is.
 */
export function iteratorSettings(bpftrace: string): Readonly<Record<string, string>> {
  const types = process.env.BPFTRACE_BTF ?? KERNEL_TYPES;
  return isOlderThan(bpftrace, 20) ? { LC_ALL: 'C', BPFTRACE_BTF: types } : { LC_ALL: 'C' };
}

/** Runs it to its end under a bpftrace of that version. The error is bpftrace's own first words. */
export async function iterate(
  program: string,
  bpftrace: string,
  signal: AbortSignal | undefined,
  limitMs: number,
): Promise<Result<readonly Printed[]>> {
  const run = await execa(bpftraceBinary(), ['-e', program], {
    stdin: 'ignore',
    reject: false,
    timeout: limitMs,
    lines: true,
    maxBuffer: 256 * 2 ** 20,
    env: iteratorSettings(bpftrace),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (run.timedOut) return err(`bpftrace had not ended after ${limitMs / 1000} s`);
  if (run.failed) return err(firstError(run.stderr));
  return ok(run.stdout.flatMap((line) => readPrinted(line) ?? []));
}
