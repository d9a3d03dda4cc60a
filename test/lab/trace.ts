/** A program traced in a guest: copied in, run under `whopins record`, its recording brought out. */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Guest } from './guest.ts';
import type { JobOptions, JobResult } from './job.ts';
import { LabError } from './messages.ts';
import type { Story } from './story.ts';

/** What `whopins record` left in the guest, on the host. */
export interface Traced extends JobResult {
  /** Undefined when there is none. */
  readonly recording: string | undefined;
  /** Set when the story was played late and came to its late point. */
  readonly asked?: AskedWho;
}

/** What `whopins who`, asked in the guest for JSON and for text, printed. */
export interface AskedWho {
  readonly target: string;
  /** 0 when both ended with 0. */
  readonly exitCode: number;
  readonly json: string;
  readonly text: string;
  readonly stderr: string;
}

/** Copies a host binary into the guest's own file system and returns its path there. */
export async function installBinary(guest: Guest, binary: string): Promise<string> {
  const name = basename(binary);
  mkdirSync(guest.hostPath('in'), { recursive: true });
  copyFileSync(binary, guest.hostPath('in', name));
  // run from ext4, as anywhere else, and not from the 9p share
  const inGuest = `/usr/local/bin/${name}`;
  const copied = await guest.run(['install', '-m', '755', `/mnt/lab/in/${name}`, inGuest]);
  if (copied.exitCode !== 0)
    throw new LabError(`cannot copy ${binary} into the guest: ${copied.stderr.trim()}`);
  rmSync(guest.hostPath('in', name));
  return inGuest;
}

/**
 * Runs `whopins record -o … -- ARGV` in the guest, without a walk: what is traced begins here, and a walk would only show
 * an empty guest, after 10 s to two minutes of emulation. On overrun whopins is interrupted, so that the recording ends properly.
 * The recording is written in the guest's memory and copied out at the end: tracing must not trace its own 9p traffic.
 */
export async function trace(
  guest: Guest,
  name: string,
  argv: readonly string[],
  { recordWith, ...options }: JobOptions & Pick<Story, 'recordWith'>,
): Promise<Traced> {
  const { env = [], options: more = [] } = recordWith ?? {};
  const inGuest = `/run/${name}.ndjson.gz`;
  const record = ['whopins', 'record', '--no-walk', ...more, '-o', inGuest, '--', ...argv];
  const result = await guest.run(env.length === 0 ? record : ['env', ...env, ...record], {
    stopSignal: 'INT',
    ...options,
  });
  return { ...result, recording: await bringOut(guest, inGuest) };
}

/** Copies a file out of the guest; undefined when it is not there. */
export async function bringOut(guest: Guest, inGuest: string): Promise<string | undefined> {
  const name = basename(inGuest);
  const { exitCode } = await guest.run(['mv', '-f', inGuest, `/mnt/out/${name}`], { timeoutMs: 60_000 });
  return exitCode === 0 ? join(guest.hostPath('out'), name) : undefined;
}
