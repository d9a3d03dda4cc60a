/** `shell`: a guest for one command, or for a person at this terminal. */
import { readFileSync } from 'node:fs';
import { type BootOptions, bootGuest } from './guest.ts';
import { LabError } from './messages.ts';

/**
 * Boots a guest, runs the command (or a shell on this terminal, or what stdin holds when it is no terminal) and powers
 * off. Returns the command's exit code; throws a LabError when the guest dies or the command overruns `timeoutMs`.
 */
export async function shell(
  options: BootOptions,
  argv: readonly string[],
  timeoutMs: number,
): Promise<number> {
  const interactive = argv.length === 0 && process.stdin.isTTY === true;
  const guest = await bootGuest({ ...options, terminal: interactive });
  try {
    if (interactive) {
      await guest.ended;
      return 0;
    }
    const [command, stdin] = argv.length > 0 ? [argv, ''] : [['bash', '-s'], readFileSync(0)];
    const result = await guest.run(command, {
      stdin,
      timeoutMs,
      stdout: process.stdout,
      stderr: process.stderr,
    });
    if (result.timedOut) {
      throw new LabError(
        `${command[0]} had not ended after ${timeoutMs / 1000} s and was killed: give it longer with --timeout SECONDS`,
      );
    }
    return result.exitCode;
  } finally {
    await guest.powerOff();
  }
}
