/** A command in the guest of a benchmark, of which only its output is wanted. */
import type { Guest } from '../lab/guest.ts';
import { LabError, lastLines } from '../lab/messages.ts';

/** What it prints. Throws a LabError with its last words when it does not end with 0. */
export async function ask(guest: Guest, argv: readonly string[], timeoutMs: number): Promise<string> {
  const { exitCode, stdout, stderr } = await guest.run(argv, { timeoutMs });
  if (exitCode !== 0) throw new LabError(`${argv.join(' ')} ended with ${exitCode}`, lastLines(stderr, 4));
  return stdout;
}
