/** One command in a guest: a directory that holds its script, its input, its growing output and at last its exit code. */
import {
  closeSync,
  existsSync,
  type FSWatcher,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guest } from './guest.ts';

export interface JobOptions {
  /** Added to the guest's environment (guest/env). */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Directory in the guest; /root by default. */
  readonly cwd?: string | undefined;
  /** The whole standard input; empty by default. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Milliseconds until the command is ended with {@link JobOptions.stopSignal}, and 10 s later with SIGKILL. */
  readonly timeoutMs?: number | undefined;
  readonly stopSignal?: 'TERM' | 'INT' | undefined;
  /** Gets output as it comes, instead of {@link JobResult}. */
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
}

export interface JobResult {
  /** Collected output; '' for a stream that was passed on. */
  readonly stdout: string;
  readonly stderr: string;
  /** As a shell says it: 128 + N for a command killed by signal N. */
  readonly exitCode: number;
  readonly timedOut: boolean;
}

const GRACE_MS = 10_000;
// what inotify misses is found at this interval
const POLL_MS = 50;

export class Job {
  readonly id: string;
  readonly dir: string;
  readonly result: Promise<JobResult>;
  readonly #guest: Guest;

  /** Starts the command; made by {@link Guest.start}. */
  constructor(id: string, dir: string, argv: readonly string[], options: JobOptions, guest: Guest) {
    this.id = id;
    this.dir = dir;
    this.#guest = guest;
    writeFileSync(join(dir, 'command'), commandScript(argv, options));
    writeFileSync(join(dir, 'stdin'), options.stdin ?? '');
    for (const name of ['stdout', 'stderr']) writeFileSync(join(dir, name), '');
    this.result = this.#follow(argv[0] ?? '', options);
    guest.order(`run ${id}`);
  }

  /** Where its output grows, on the host. */
  get stdoutPath(): string {
    return join(this.dir, 'stdout');
  }

  get stderrPath(): string {
    return join(this.dir, 'stderr');
  }

  /** The pid of its session leader in the guest; undefined until it has started. */
  get pid(): number | undefined {
    const path = join(this.dir, 'pid');
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined;
  }

  /** Signals its process group (not what made itself a group of its own). */
  async kill(signal: 'INT' | 'TERM' | 'KILL'): Promise<void> {
    // one that has ended has no directory any more
    for (let waited = 0; existsSync(this.dir) && this.pid === undefined && waited < 5_000; waited += POLL_MS)
      await sleep(POLL_MS);
    this.#guest.order(`kill ${this.id} ${signal}`);
  }

  async #follow(name: string, options: JobOptions): Promise<JobResult> {
    const stdout = new Tail(this.stdoutPath, options.stdout);
    const stderr = new Tail(this.stderrPath, options.stderr);
    const exitPath = join(this.dir, 'exit');
    const watcher = watch(this.dir);
    const started = Date.now();
    let timedOut = false;
    let exitCode: number | undefined;
    try {
      for (;;) {
        // looked at before the output is read: what was written before the exit code is then read too
        exitCode = readExitCode(exitPath);
        stdout.read();
        stderr.read();
        if (exitCode !== undefined) break;
        if (this.#guest.dead) throw this.#guest.diedError(`go on with ${name}`);
        await nextChange(watcher);
        const overdue = Date.now() - started - (options.timeoutMs ?? Number.POSITIVE_INFINITY);
        if (overdue > 0 && !timedOut) {
          timedOut = true;
          void this.kill(options.stopSignal ?? 'TERM');
        }
        if (overdue > GRACE_MS) void this.kill('KILL');
        // a task in uninterruptible sleep does not even heed SIGKILL
        if (overdue > GRACE_MS + 3_000)
          return { ...this.#collected(stdout, stderr), exitCode: 137, timedOut };
      }
    } finally {
      watcher.close();
      stdout.close();
      stderr.close();
    }
    const result = { ...this.#collected(stdout, stderr), exitCode, timedOut };
    rmSync(this.dir, { recursive: true, force: true });
    return result;
  }

  #collected(stdout: Tail, stderr: Tail): { stdout: string; stderr: string } {
    return { stdout: stdout.text(), stderr: stderr.text() };
  }
}

/** The exit code in a job's file; undefined while there is none, or not all of it. */
function readExitCode(path: string): number | undefined {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.endsWith('\n') ? Number(text) : undefined;
}

function nextChange(watcher: FSWatcher): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      watcher.removeListener('change', done);
      resolve();
    };
    const timer = setTimeout(done, POLL_MS);
    watcher.once('change', done);
  });
}

/** Reads a growing file. */
class Tail {
  readonly #fd: number;
  readonly #sink: Writable | undefined;
  readonly #chunks: Buffer[] = [];
  readonly #buffer = Buffer.alloc(256 * 1024);
  #position = 0;

  constructor(path: string, sink: Writable | undefined) {
    this.#fd = openSync(path, 'r');
    this.#sink = sink;
  }

  read(): void {
    for (;;) {
      const count = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, this.#position);
      if (count === 0) return;
      this.#position += count;
      const chunk = Buffer.from(this.#buffer.subarray(0, count));
      if (this.#sink === undefined) this.#chunks.push(chunk);
      else this.#sink.write(chunk);
    }
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Quotes a word for sh(1). */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function commandScript(argv: readonly string[], options: JobOptions): string {
  const exports = Object.entries(options.env ?? {}).map(([name, value]) => `export ${name}=${quote(value)}`);
  return [
    ...exports,
    `cd ${quote(options.cwd ?? '/root')} || exit 1`,
    `exec ${argv.map(quote).join(' ')}`,
    '',
  ].join('\n');
}
