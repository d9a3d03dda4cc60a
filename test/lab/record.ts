/** `record`: one host binary, traced in a guest of its own. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type BootOptions, bootGuest } from './guest.ts';
import { EXIT, LabError, say } from './messages.ts';
import { installBinary, trace } from './trace.ts';

/**
 * Brings the recording of BINARY's run to `out`; BINARY's output goes to ours. Returns the exit code that `whopins record`
 * passed on. Throws a LabError when there is no recording, or when BINARY overran `timeoutMs` (what was recorded until
 * then is brought out first).
 */
export async function record(
  options: BootOptions,
  out: string,
  [binary = '', ...args]: readonly string[],
  timeoutMs: number,
): Promise<number> {
  if (!existsSync(binary)) throw new LabError(`there is no program ${binary} to record`, [], EXIT.wrongUse);
  const guest = await bootGuest(options);
  try {
    const inGuest = await installBinary(guest, binary);
    const sinks = { stdout: process.stdout, stderr: process.stderr };
    const { exitCode, timedOut, recording } = await trace(guest, 'record', [inGuest, ...args], {
      ...sinks,
      timeoutMs,
    });
    if (recording !== undefined) {
      mkdirSync(dirname(resolve(out)), { recursive: true });
      copyFileSync(recording, out);
      say(`recorded on ${guest.facts.description}: ${out}`);
    }
    if (timedOut) {
      throw new LabError(
        `${binary} had not ended after ${timeoutMs / 1000} s: give it longer with --timeout SECONDS`,
      );
    }
    if (recording === undefined && exitCode === 0) {
      throw new LabError(`whopins record ended well but left no recording of ${binary}`);
    }
    return exitCode;
  } finally {
    await guest.powerOff();
  }
}
