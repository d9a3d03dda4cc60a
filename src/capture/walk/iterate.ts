/** Runs one of the walk's programs: bpftrace loads it, the kernel visits everything once, bpftrace ends by itself. */
import { execa } from 'execa';
import { err, ok, type Result } from '../../base/result.ts';
import { firstError } from '../bpftrace-errors.ts';
import { bpftraceBinary } from '../kernel.ts';
import { type Printed, readPrinted } from './printed.ts';

/** Runs it to its end. The error is bpftrace's own first words. */
export async function iterate(
  program: string,
  signal: AbortSignal | undefined,
  limitMs: number,
): Promise<Result<readonly Printed[]>> {
  const run = await execa(bpftraceBinary(), ['-e', program], {
    stdin: 'ignore',
    reject: false,
    timeout: limitMs,
    lines: true,
    maxBuffer: 256 * 2 ** 20,
    env: { LC_ALL: 'C' },
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (run.timedOut) return err(`bpftrace had not ended after ${limitMs / 1000} s`);
  if (run.failed) return err(firstError(run.stderr));
  return ok(run.stdout.flatMap((line) => readPrinted(line) ?? []));
}
