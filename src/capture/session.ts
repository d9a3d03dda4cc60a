/**
 * One run of the tracer: compose, attach, wait until it says hello, hand out rows, stop.
 *
 * A program of sixty probes fails as a whole when one of them cannot be attached. What bpftrace names as the culprit is
 * left out, the rest is tried again, and the header says what is missing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { err, ok, type Result } from '../base/result.ts';
import { FORMAT_VERSION, type Header } from '../event/header.ts';
import { SCHEMA_VERSION } from '../event/schema.ts';
import { type BpftraceExit, type BpftraceProcess, FORCE_KILL_MS } from './bpftrace.ts';
import { blamedHooks, firstError, reasonOf, skippedHooks } from './bpftrace-errors.ts';
import type { Composition } from './compose.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { KernelOffers } from './kernel.ts';
import { type Machine, THIS_MACHINE } from './machine.ts';
import { createNdjsonSource, type SourceRow } from './ndjson-source.ts';
import { createRowGate } from './row-gate.ts';
import { createRowQueue } from './row-queue.ts';
import { createSessionSkips, type SessionSkips } from './session-skips.ts';
import { createSessionWalk } from './session-walk.ts';
import { rowToSource, type Walk } from './walk-rows.ts';

export interface SessionOptions {
  readonly offers: Pick<KernelOffers, 'release' | 'bpftrace' | 'btf'>;
  /** This one if left out. */
  readonly machine?: Machine;
  /** Makes the program, without the hooks that failed to attach so far. */
  readonly compose: (without: ReadonlySet<string>) => Composition;
  readonly command: readonly string[] | null;
  readonly pointers: Header['pointers'];
  /** How to look at the kernel's objects; without it `Session.walk` does nothing. */
  readonly walk?: Walk;
  /** Ends the wait for the first row, and a walk: the user asked to stop. */
  readonly signal?: AbortSignal;
  /** Told what is going on while nothing else can be shown. */
  readonly onProgress?: (text: string) => void;
  /** Told of each hook that could not be attached, and why. */
  readonly onRefused?: (hook: string, why: string) => void;
  readonly limits?: Partial<SessionLimits>;
}

export interface SessionLimits {
  /** How long attaching may take. */
  readonly readyMs: number;
  /** How long bpftrace may take to read what waits for it before it is asked to stop. */
  readonly catchUpMs: number;
  /** How long bpftrace may take to stop. */
  readonly stopMs: number;
}

export interface Session {
  readonly header: Header;
  /** All rows as they come, `hello` among the first. To be read once. Ends when bpftrace has ended and all rows were read. */
  readonly rows: AsyncIterable<readonly SourceRow[]>;
  /**
   * Looks at what the kernel's objects say now. What it found enters `rows` before anything that happened since; until
   * then those rows wait. Settles when it is through, never rejects; while one walk runs there is no second one.
   */
  readonly walk: () => Promise<void>;
  /** Asks bpftrace to end once it keeps up, and a walk; its last rows still come. Asked twice, it ends at once. */
  readonly stop: () => void;
  /** How it ended: settles after the last row was read from bpftrace. */
  readonly ended: Promise<BpftraceExit>;
}

/** Why no session came to be. */
export interface StartFailure {
  readonly why: BpftraceExit['why'] | 'interrupted' | 'too-slow';
  /** One line: what was tried, what happened, what to do. */
  readonly message: string;
}

/** Attaching 70 probes takes 20 to 40 s in an emulated guest, and took over 100 s on an overloaded host. */
const DEFAULT_LIMITS: SessionLimits = { readyMs: 240_000, catchUpMs: 30_000, stopMs: FORCE_KILL_MS };

/** Each attempt costs a compile: a kernel that refuses more hooks than this is not one that we know. */
const MOST_ATTEMPTS = 12;

/** Leaving out probes does not help against these. */
const HOPELESS: readonly StartFailure['why'][] = [
  'not-installed',
  'not-root',
  'refused',
  'interrupted',
  'too-slow',
];

/** Starts tracing and returns once every probe is attached. */
export async function startSession(options: SessionOptions): Promise<Result<Session, StartFailure>> {
  const without = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const composition = options.compose(without);
    const hooks = hooksOf(composition);
    options.onProgress?.(`attaching ${hooks.length} probes`);
    const running = await runProgram(composition, options);
    if (running.ok) return running;
    const { failure, stderr } = running.error;
    const culprits = blamedHooks(stderr, composition.program, hooks);
    if (HOPELESS.includes(failure.why) || attempt === MOST_ATTEMPTS) return err(failure);
    for (const hook of culprits) {
      without.add(hook);
      options.onRefused?.(hook, reasonOf(stderr) ?? failure.message);
    }
    if (options.compose(without).program === composition.program) return err(failure);
    options.onProgress?.(`${culprits.join(', ')} cannot be attached here: trying without`);
  }
}

function hooksOf(composition: Composition): readonly string[] {
  return composition.probes.flatMap((probe) => probe.hooks);
}

interface FailedRun {
  readonly failure: StartFailure;
  readonly stderr: readonly string[];
}

async function runProgram(
  composition: Composition,
  options: SessionOptions,
): Promise<Result<Session, FailedRun>> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const machine = options.machine ?? THIS_MACHINE;
  const facts = await machine.readFacts();
  const child = machine.startBpftrace(composition.program, limits.stopMs);
  const { pid } = child;
  const { readSkipped } = machine;
  const skips =
    pid === undefined || readSkipped === null
      ? null
      : createSessionSkips(() => readSkipped(pid, options.offers.btf), composition.kinds);
  const { rows, gate, hello, heartbeat } = readRows(child, skips);
  const hurry = new AbortController();
  let isStopping = false;
  const outcome = await Promise.race([
    hello.then(() => 'ready' as const),
    child.exited,
    interruption(options.signal, limits.readyMs),
  ]);
  if (outcome === 'ready') {
    // Its warnings were written before its first row, but come through another pipe.
    await sleep(STDERR_LAG_MS);
    const skipped = skippedHooks(child.stderr(), hooksOf(composition));
    for (const hook of skipped) options.onRefused?.(hook, reasonOf(child.stderr()) ?? 'bpftrace skipped it');
    const attached = withoutSkipped(composition, skipped);
    const walking = createSessionWalk(options.walk, gate, options.signal);
    return ok({
      header: {
        whopins: 'header',
        format: FORMAT_VERSION,
        schema: SCHEMA_VERSION,
        kernel: options.offers.release,
        bpftrace: options.offers.bpftrace,
        ...facts,
        probes: attached.probes,
        left_out: attached.leftOut,
        pointers: options.pointers,
        command: options.command,
      },
      rows,
      walk: walking.walk,
      stop() {
        walking.stop();
        if (isStopping) hurry.abort();
        isStopping = true;
        void heartbeat.caughtUp(limits.catchUpMs, hurry.signal).then(() => {
          if (skips !== null) gate.push(skips.look(true).map(rowToSource));
          child.stop();
        });
      },
      ended: child.exited,
    });
  }
  child.kill();
  const exit = await child.exited;
  const why = typeof outcome === 'string' ? outcome : outcome.why;
  return err({ failure: { why, message: describeFailure(why, exit, limits) }, stderr: exit.stderr });
}

const STDERR_LAG_MS = 50;

/** What is attached in fact: bpftrace runs on when one of a probe's several hooks fails. */
function withoutSkipped({ probes, leftOut }: Composition, skipped: readonly string[]) {
  const reasons = probes.flatMap(({ path, hooks }) =>
    hooks
      .filter((hook) => skipped.includes(hook))
      .map((hook) => ({ path, reason: `${hook} could not be attached` })),
  );
  return {
    probes: probes.map(({ path, hooks }) => ({
      path,
      hooks: hooks.filter((hook) => !skipped.includes(hook)),
    })),
    leftOut: [...leftOut, ...reasons],
  };
}

/** Reads all output into a queue; reading pauses while the queue is full, and bpftrace then counts what it loses. */
function readRows(child: BpftraceProcess, skips: SessionSkips | null) {
  const source = createNdjsonSource();
  const queue = createRowQueue(child.stdout);
  const gate = createRowGate(queue);
  const heartbeat = createHeartbeat();
  const hello = new Promise<void>((resolve) => {
    function add(rows: readonly SourceRow[]): void {
      gate.push(rows);
      if (rows.some((row) => isOf(row, 'hello'))) {
        heartbeat.beat();
        resolve();
      }
      for (const row of rows) {
        if (!isOf(row, 'beat')) continue;
        heartbeat.beat();
        if (skips !== null) gate.push(skips.look().map(rowToSource));
      }
    }
    child.stdout.on('data', (chunk: Buffer) => add(source.write(chunk)));
    child.stdout.on('end', () => {
      add(source.end());
      gate.end();
    });
  });
  // A process that was never started has an output that only errs.
  child.stdout.on('error', gate.end);
  return { rows: queue.rows, gate, hello, heartbeat };
}

/**
 * Whether a row is of this kind: of `hello` above all, since bpftrace prints `attached_probes` before it attaches; our own
 * first row comes only after all of them are.
 */
function isOf({ parsed }: SourceRow, kind: 'hello' | 'beat'): boolean {
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return false;
  return 'data' in parsed.value && Array.isArray(parsed.value.data) && parsed.value.data[0] === kind;
}

function interruption(signal: AbortSignal | undefined, limitMs: number): Promise<'interrupted' | 'too-slow'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('too-slow'), limitMs).unref();
    if (signal?.aborted) resolve('interrupted');
    signal?.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
}

function describeFailure(why: StartFailure['why'], exit: BpftraceExit, limits: SessionLimits): string {
  const said = firstError(exit.stderr);
  switch (why) {
    case 'not-installed':
      return 'cannot trace: bpftrace could not be run; install it (apt install bpftrace)';
    case 'not-root':
      return 'cannot trace: bpftrace needs root; use sudo';
    case 'refused':
      return `cannot trace: this kernel refuses BPF programs (${said}); check lockdown and the container's capabilities`;
    case 'too-slow':
      return `cannot trace: bpftrace attached no probes in ${limits.readyMs / 1000} s; try again when the host is less busy`;
    case 'interrupted':
      return 'interrupted while the probes were being attached: nothing was traced';
    default:
      return `cannot trace: bpftrace ended before it traced anything (${said}); see the program with whopins record --print-program`;
  }
}
