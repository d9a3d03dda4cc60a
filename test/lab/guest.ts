/**
 * A booted guest and the commands run in it. Host → guest: one line on a FIFO that QEMU feeds to guest/agent. Guest →
 * host: files in a directory both see (9p, uncached), read here as they grow. So commands run side by side, a dead guest
 * loses nothing that was written, and another process of the host can use the same guest (see up.ts).
 */
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseAccelerator } from './accel.ts';
import { isAlive, listCache } from './cache.ts';
import { Job, type JobOptions, type JobResult } from './job.ts';
import { LabError, lastLines, say } from './messages.ts';
import type { Pair } from './pairs.ts';
import { RUNS } from './paths.ts';
import { agentPipe, consoleLog, type MachineOptions, qemuLog, shareDir, startQemu } from './qemu.ts';
import { describe, type OwnKernel, prepare } from './setup.ts';

export interface BootOptions {
  readonly pair: Pair;
  /** A kernel of one's own instead of the pair's. */
  readonly own?: OwnKernel | undefined;
  readonly share?: string | undefined;
  readonly append?: string | undefined;
  readonly terminal?: boolean | undefined;
  /** Name of the run directory; by default one of this process, removed at power-off. */
  readonly name?: string | undefined;
  readonly detachedSeconds?: number | undefined;
  /** Milliseconds until the guest must be ready. */
  readonly bootTimeoutMs?: number | undefined;
}

/** What a run directory says about its guest, for other processes (guest.json). */
export interface GuestFacts {
  readonly kernel: string;
  /** The process to kill, and how long QEMU exists. */
  readonly qemuPid: number;
  /** Ends with the guest; undefined for one that outlives it. */
  readonly ownerPid: number | undefined;
  readonly description: string;
}

/** Software emulation on a busy machine takes some 10 s; a guest of a slow CI machine deserves more. */
const BOOT_TIMEOUT_MS = 180_000;

/** The guest ended by itself, as after a panic. */
export class GuestDied extends LabError {
  /** Its console. */
  readonly log: string;

  constructor(message: string, details: readonly string[], log: string) {
    super(message, details);
    this.log = log;
  }

  /**
   * Whether a processor ran into the middle of a five-byte no-op, which the kernel was patching (`0f 1f 44 00 00`, stopped
   * at its second byte): QEMU's multi-threaded emulation does not always get that right; a processor does.
   */
  get isByEmulation(): boolean {
    return /Code: .* 0f <1f> 44 00 00/.test(this.log);
  }
}

const running = new Set<Guest>();
let counter = 0;

export class Guest {
  readonly runDir: string;
  readonly facts: GuestFacts;
  /** Resolves when QEMU has ended, however it did. */
  readonly ended: Promise<void>;
  #nextJob = 0;
  #dead = false;

  constructor(runDir: string, facts: GuestFacts, ended: Promise<void>) {
    this.runDir = runDir;
    this.facts = facts;
    this.ended = ended.then(() => {
      this.#dead = true;
    });
  }

  /** Whether QEMU has ended. */
  get dead(): boolean {
    return this.#dead;
  }

  /** A host path that the guest sees as `/mnt/lab/…`. */
  hostPath(...names: readonly string[]): string {
    return join(shareDir(this.runDir), ...names);
  }

  /** Starts a command as root; see {@link JobOptions}. Many can run at a time. Throws when the guest has died. */
  start(argv: readonly string[], options: JobOptions = {}): Job {
    if (this.#dead) throw this.diedError(`run ${argv[0]}`);
    this.#nextJob += 1;
    // another process may use the same guest
    const id = `${process.pid}-${this.#nextJob}`;
    const dir = this.hostPath('jobs', id);
    mkdirSync(dir, { recursive: true });
    return new Job(id, dir, argv, options, this);
  }

  /** Runs a command to its end. Rejects with a LabError when the guest dies under it, never for its exit code. */
  run(argv: readonly string[], options: JobOptions = {}): Promise<JobResult> {
    return this.start(argv, options).result;
  }

  /** Sends one order to guest/agent; does nothing when QEMU has ended. */
  order(line: string): void {
    try {
      // a FIFO without a reader would block a plain open for ever (fifo(7))
      const fd = openSync(agentPipe(this.runDir), constants.O_WRONLY | constants.O_NONBLOCK);
      // shorter than PIPE_BUF: lines of several processes never mix
      writeSync(fd, `${line}\n`);
      closeSync(fd);
    } catch {
      // whoever waits for the answer learns of the end by `dead`
    }
  }

  /** The error for a guest that ended while something was being attempted, with its console's last lines. */
  diedError(attempt: string): GuestDied {
    const log = readText(consoleLog(this.runDir));
    const panicAt = log.search(/Kernel panic - not syncing/);
    const panic = /not syncing: (.*)/.exec(log)?.[1]?.trim();
    const cause = panic === undefined ? 'the guest ended' : `the guest's kernel panicked (${panic})`;
    // after a panic comes a long call trace: what led to it stands before and right after
    const relevant = panicAt < 0 ? log : log.slice(0, panicAt + 1_500);
    return new GuestDied(
      `cannot ${attempt} in guest ${this.facts.kernel}: ${cause}; the last lines of its console:`,
      [...lastLines(relevant, 25), ...lastLines(readText(qemuLog(this.runDir)), 3)],
      log,
    );
  }

  #kill(signal: NodeJS.Signals): void {
    // a detached QEMU is in the process group of its `timeout`
    killQuietly(this.facts.ownerPid === undefined ? -this.facts.qemuPid : this.facts.qemuPid, signal);
  }

  /** Ends the guest at once: its disks are thrown away and shared files are already on the host. */
  async powerOff(): Promise<void> {
    running.delete(this);
    this.#kill('SIGTERM');
    const deadline = Date.now() + 3_000;
    while (isAlive(this.facts.qemuPid) && !this.#dead) {
      if (Date.now() > deadline) this.#kill('SIGKILL');
      await sleep(20);
    }
    rmSync(this.runDir, { recursive: true, force: true });
  }
}

/**
 * How often a stock kernel may die before it is ready. Seen once in some eighty boots: a panic in the middle of the
 * kernel's patching of its own code, which QEMU's multi-threaded emulation does not always get right.
 */
const BOOT_ATTEMPTS = 3;

/**
 * Boots a guest and waits until it is ready. A stock kernel that dies on the way is booted again, and that is said; a
 * kernel of one's own is not: its panic is what one wants to see. Throws a LabError with the console's last lines.
 */
export async function bootGuest(options: BootOptions): Promise<Guest> {
  const files = await prepare(options.pair, options.own);
  const accelerator = await chooseAccelerator(files);
  for (let attempt = 1; ; attempt++) {
    try {
      return await bootOnce(options, files, accelerator);
    } catch (error) {
      if (!(error instanceof GuestDied) || options.own !== undefined || attempt === BOOT_ATTEMPTS)
        throw error;
      say(`${error.message} (attempt ${attempt} of ${BOOT_ATTEMPTS}, trying again)`);
      for (const line of error.details) say(`  ${line}`);
    }
  }
}

async function bootOnce(
  options: BootOptions,
  files: MachineOptions['files'],
  accelerator: MachineOptions['accelerator'],
): Promise<Guest> {
  sweepRuns();
  counter += 1;
  const runDir = join(RUNS, options.name ?? `${process.pid}-${counter}`);
  rmSync(runDir, { recursive: true, force: true });
  mkdirSync(runDir, { recursive: true, mode: 0o700 });
  const description = `${describe(files)}, ${accelerator}`;
  say(`booting ${description}`);
  const started = Date.now();
  const machine: MachineOptions = { ...options, files, runDir, accelerator };
  if (options.terminal && process.stdout.rows) {
    mkdirSync(shareDir(runDir), { recursive: true });
    writeFileSync(
      join(shareDir(runDir), 'terminal-size'),
      `${process.stdout.rows} ${process.stdout.columns}`,
    );
  }
  const qemu = await startQemu(machine);
  const ownerPid = options.detachedSeconds === undefined ? process.pid : undefined;
  const facts: GuestFacts = { kernel: options.pair.kernel, qemuPid: qemu.pid, ownerPid, description };
  writeFileSync(join(runDir, 'guest.json'), JSON.stringify(facts));
  const guest = new Guest(runDir, facts, qemu.ended);
  running.add(guest);
  try {
    await waitUntilReady(guest, options.bootTimeoutMs ?? BOOT_TIMEOUT_MS);
  } catch (error) {
    await guest.powerOff();
    throw error;
  }
  say(`guest ${options.pair.kernel} is ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  for (const problem of lastLines(readText(guest.hostPath('problems')), 20)) say(`guest: ${problem}`);
  return guest;
}

async function waitUntilReady(guest: Guest, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!existsSync(guest.hostPath('ready'))) {
    await sleep(50);
    if (guest.dead) throw guest.diedError('boot');
    if (Date.now() > deadline) {
      const log = lastLines(readText(consoleLog(guest.runDir)), 25);
      const limit = `${Math.round(timeoutMs / 1000)} s`;
      throw new LabError(
        `guest ${guest.facts.kernel} is not ready after ${limit}; the last lines of its console:`,
        log,
      );
    }
  }
}

/** Finds a guest that another process booted; undefined when there is none by this name. */
export function attachGuest(name: string): Guest | undefined {
  const runDir = join(RUNS, name);
  const facts = readFacts(runDir);
  if (facts === undefined || !isAlive(facts.qemuPid)) return undefined;
  const ended = (async () => {
    while (isAlive(facts.qemuPid)) await sleep(200, undefined, { ref: false });
  })();
  return new Guest(runDir, facts, ended);
}

/** Ends every guest of this process, without waiting: for exit handlers. */
export function killGuests(): void {
  for (const guest of running) {
    if (guest.facts.ownerPid === undefined) continue;
    killQuietly(guest.facts.qemuPid, 'SIGKILL');
    rmSync(guest.runDir, { recursive: true, force: true });
  }
}

/** Removes what guests of dead processes left behind. */
function sweepRuns(): void {
  for (const name of listCache(RUNS)) {
    const facts = readFacts(join(RUNS, name));
    // before guest.json is written, only the name tells who made it
    const owner = facts?.ownerPid ?? facts?.qemuPid ?? (Number.parseInt(name, 10) || undefined);
    if (owner !== undefined && !isAlive(owner)) rmSync(join(RUNS, name), { recursive: true, force: true });
  }
}

function readFacts(runDir: string): GuestFacts | undefined {
  try {
    return JSON.parse(readFileSync(join(runDir, 'guest.json'), 'utf8')) as GuestFacts;
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended already
  }
}
