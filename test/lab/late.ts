/**
 * A story seen late: whopins comes when the pinning process is gone, and must find what holds the file by its walk. It
 * is asked once with nothing traced, then records from there to the end.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WhoAnswer } from '../../src/model/answer.ts';
import { whoText } from '../../src/report/who-text.ts';
import type { Guest } from './guest.ts';
import type { Job, JobOptions } from './job.ts';
import { parseTruth } from './judge.ts';
import { LabError, lastLines, say } from './messages.ts';
import { type AskedWho, bringOut, type Traced } from './trace.ts';

const GO = '/run/lab-go';

/** Attaching takes 7 to 20 s under software emulation, the walk comes on top, and the host may have other work. */
export const ATTACH_MS = 90_000;

/** Under software emulation the programs of a walk take 5 s each to load, and up to 20 s with bpftrace 0.17. */
const WALK_MS = 480_000;

/** What a story may take longer when it is played late. */
export const LATE_MS = 2 * WALK_MS + ATTACH_MS;

/**
 * Runs the workload to its late point, asks `whopins who` about its file, starts `whopins record`, lets the workload go
 * on when whopins says that it is recording, and stops whopins when the workload has ended. The result is the workload's.
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
  const told = await waitForText(
    workload,
    'stdout',
    /"did":\s*"late-point".*\n/,
    `${name}'s late point`,
    60_000,
  );
  // one that cannot be played says so instead
  if (told === null) return { ...(await workload.result), recording: undefined };
  const asked = await askWho(guest, targetIn(told));
  const recorder = guest.start(['whopins', 'record', '-o', inGuest], { stopSignal: 'INT' });
  const recording = 'whopins record to say that it is recording';
  if ((await waitForText(recorder, 'stderr', /recording to/i, recording, WALK_MS + ATTACH_MS)) === null)
    throw new LabError(`waited for ${recording}, but it ended`, lastLines((await recorder.result).stderr, 6));
  await guest.run(['touch', GO]);
  const result = await workload.result;
  // the last events are still on their way through bpftrace's buffers
  await sleep(2_000);
  await recorder.kill('INT');
  const { stderr } = await recorder.result;
  return {
    ...result,
    stderr: `${result.stderr}${stderr}`,
    recording: await bringOut(guest, inGuest),
    asked,
  };
}

/** The story's file, as `whopins who` takes it: MAJOR:MINOR:INO of the row 'file-made'. */
export function targetIn(told: string): string {
  const made = parseTruth(told).find((row) => row.did === 'file-made');
  if (made === undefined) throw new LabError("the workload came to its late point without a row 'file-made'");
  return `${made.dev}:${made.ino}`;
}

/** Asks once: a walk takes its time under emulation, and the text is made from the answer on the host as in the guest. */
async function askWho(guest: Guest, target: string): Promise<AskedWho> {
  const started = Date.now();
  const { exitCode, stdout, stderr } = await guest.run(['whopins', 'who', target, '--json'], {
    timeoutMs: WALK_MS,
  });
  say(`whopins who ${target} answered after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return { target, exitCode, json: stdout, text: exitCode === 0 ? textOf(stdout) : '', stderr };
}

/** An answer's JSON as `whopins who` tells it without `--json`. */
export function textOf(json: string): string {
  return whoText(JSON.parse(json) as WhoAnswer);
}

/**
 * The job's output up to now, as soon as it has the pattern; null when the job ends without it. Throws a LabError after
 * `limitMs`, which says that it waited for `what`.
 */
export async function waitForText(
  job: Job,
  stream: 'stdout' | 'stderr',
  pattern: RegExp,
  what: string,
  limitMs: number,
): Promise<string | null> {
  const path = stream === 'stdout' ? job.stdoutPath : job.stderrPath;
  let ended = false;
  let said = '';
  const end = (): void => {
    ended = true;
  };
  job.result.then(end, end);
  for (const deadline = Date.now() + limitMs; ; ) {
    // its directory goes with it
    if (!ended) said = readFileSync(path, 'utf8');
    if (pattern.test(said)) return said;
    if (ended) return null;
    if (Date.now() > deadline)
      throw new LabError(`waited ${limitMs / 1000} s for ${what}`, lastLines(said, 6));
    await sleep(100);
  }
}
