/** A guest that stays: `up` boots it, `exec` runs commands in it from any process, `down` ends it. For development. */
import { existsSync } from 'node:fs';
import { renewCheckout } from './checkout.ts';
import { attachGuest, type BootOptions, bootGuest, type Guest } from './guest.ts';
import type { JobOptions } from './job.ts';
import { LabError, say } from './messages.ts';
import { findPair, PAIRS } from './pairs.ts';

/** A forgotten guest ends by itself after this time. */
export const UP_SECONDS = 8 * 3600;

const guestName = (kernel: string): string => `up-${kernel}`;

/** Boots a guest that outlives this process; says so and does nothing when it is up already. */
export async function up(options: BootOptions, lifeSeconds = UP_SECONDS): Promise<void> {
  const { kernel } = options.pair;
  const name = guestName(kernel);
  const present = attachGuest(name);
  // one that is still booting was started by somebody else: do not take it away
  if (present !== undefined) {
    say(`guest ${kernel} is up already: ${present.facts.description}`);
    return;
  }
  await bootGuest({ ...options, name, detachedSeconds: lifeSeconds });
  say(`run commands in it with: exec --kernel ${kernel} -- COMMAND`);
}

/** Runs one command in the guest that is up; its output goes to ours, its exit code is returned. */
export async function exec(kernel: string, argv: readonly string[], options: JobOptions): Promise<number> {
  const guest = findUp(kernel);
  await renewCheckout(guest);
  const result = await guest.run(argv, { stdout: process.stdout, stderr: process.stderr, ...options });
  if (result.timedOut) {
    throw new LabError(`${argv[0]} had not ended after ${(options.timeoutMs ?? 0) / 1000} s and was killed`);
  }
  return result.exitCode;
}

/** Ends the guest that is up. */
export async function down(kernel: string): Promise<void> {
  const guest = attachGuest(guestName(kernel));
  if (guest === undefined) say(`no guest ${kernel} is up`);
  else await guest.powerOff();
}

/** Prints which guests are up. */
export function status(): void {
  for (const { kernel } of PAIRS) {
    const guest = attachGuest(guestName(kernel));
    const state = guest === undefined ? 'down' : `up, pid ${guest.facts.qemuPid}, ${guest.facts.description}`;
    process.stdout.write(`${kernel}: ${state}\n`);
  }
}

function findUp(kernel: string): Guest {
  findPair(kernel);
  const guest = attachGuest(guestName(kernel));
  if (guest !== undefined && existsSync(guest.hostPath('ready'))) return guest;
  const state = guest === undefined ? 'is not up' : 'is still booting';
  throw new LabError(`guest ${kernel} ${state}: boot it with up --kernel ${kernel}`);
}
