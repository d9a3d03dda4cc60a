/** A story seen late: whopins starts when the pinning process is gone, and must find what holds the file by its walk. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guest } from './guest.ts';
import type { Job, JobOptions } from './job.ts';
import { LabError, lastLines } from './messages.ts';
import { bringOut, type Traced } from './trace.ts';

const GO = '/run/lab-go';

/** Attaching takes 7 to 20 s under software emulation, the walk comes on top, and the host may have other work. */
export const ATTACH_MS = 90_000;

/**
 * Runs the workload to its late point, starts `whopins record` there, lets the workload go on when whopins says that it
 * is recording, and stops whopins when the workload has ended. The result is the workload's.
 */
export async function playLate(
  guest: Guest,
  name: string,
  argv: readonly string[],
  options: JobOptions,
): Promise<Traced> {
  const inGuest = `/run/${name}.ndjson.gz`;
  await guest.run(['rm', '-f', GO]);
  const workload = guest.start(argv, { ...options, env: { ...options.env, LAB_GO: GO } });
  await waitForText(workload, 'stdout', /"did":\s*"late-point"/, `${name} to come to its late point`, 60_000);
  const recorder = guest.start(['whopins', 'record', '-o', inGuest], { stopSignal: 'INT' });
  await waitForText(
    recorder,
    'stderr',
    /recording/i,
    'whopins record to say that it is recording',
    ATTACH_MS,
  );
  await guest.run(['touch', GO]);
  const result = await workload.result;
  // the last events are still on their way through bpftrace's buffers
  await sleep(2_000);
  await recorder.kill('INT');
  const { stderr } = await recorder.result;
  return { ...result, stderr: `${result.stderr}${stderr}`, recording: await bringOut(guest, inGuest) };
}

async function waitForText(
  job: Job,
  stream: 'stdout' | 'stderr',
  pattern: RegExp,
  what: string,
  limitMs: number,
): Promise<void> {
  const path = stream === 'stdout' ? job.stdoutPath : job.stderrPath;
  let ended = false;
  let said = '';
  job.result.then(
    () => {
      ended = true;
    },
    () => {
      ended = true;
    },
  );
  for (const deadline = Date.now() + limitMs; ; ) {
    if (!ended) said = readFileSync(path, 'utf8');
    if (pattern.test(said)) return;
    if (ended)
      throw new LabError(`waited for ${what}, but it ended`, lastLines((await job.result)[stream], 6));
    if (Date.now() > deadline)
      throw new LabError(`waited ${limitMs / 1000} s for ${what}`, lastLines(said, 6));
    await sleep(100);
  }
}
