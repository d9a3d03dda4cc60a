/** `whopins record`: rows to disk until stopped, or while a command runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ok } from '../base/result.ts';
import type { BpftraceExit } from '../capture/bpftrace.ts';
import type { Filter } from '../capture/filter.ts';
import { describeEnd } from '../capture/live-source.ts';
import type { SourceRow } from '../capture/ndjson-source.ts';
import type { Session } from '../capture/session.ts';
import { runCommand, type TracedCommand } from '../capture/traced-command.ts';
import { checkRecordingPlace } from '../recording/place.ts';
import type { Rotation } from '../recording/rotation.ts';
import { createRecording, type RecordingWriter } from '../recording/writer.ts';
import { EXIT } from './exit-codes.ts';
import { fail, print, say, sayProgress } from './output.ts';
import { type StopSignals, watchStopSignals } from './signals.ts';
import { readStopRules, type StopRules } from './stop-rule.ts';
import { reachMachine, startTracing, type Tracer } from './tracing.ts';

export interface RecordOptions {
  readonly output: string;
  readonly rawPointers: boolean;
  /** Whether to begin with a walk, so that what was there before is known. */
  readonly walk: boolean;
  /** Seconds from the end of one walk to the next; null: no further ones. */
  readonly walkEvery: number | null;
  /** What the run is narrowed to. */
  readonly filter: Filter;
  /** The machine to trace, as ssh calls it; null: this one. Nothing is run there: `command` is empty then. */
  readonly on: string | null;
  /** Null: one file. */
  readonly rotation: Rotation | null;
  /** Rules as the user wrote them: recording ends when one is broken. */
  readonly until: readonly string[];
  /** Empty: until stopped. */
  readonly command: readonly string[];
}

/** After a command's end its last closes, exits and deferred unpins are still on their way. */
const SETTLE_MS = 1000;

/** Records and returns the exit code: the command's own, unless something went wrong with the recording. */
export async function record(options: RecordOptions, tracer: Tracer): Promise<number> {
  const rules = readStopRules(options.until);
  if (!rules.ok) return fail(rules.error, EXIT.wrongUse);
  if (options.rotation !== null && options.output === '-')
    return fail('standard output cannot be kept in parts; give a file with -o', EXIT.wrongUse);
  const place = await checkRecordingPlace(options.output);
  if (!place.ok) return fail(place.error, EXIT.wrongUse);
  const signals = watchStopSignals();
  const session = await startTracing(tracer, {
    command: options.command.length > 0 ? options.command : null,
    pointers: options.rawPointers ? 'raw' : 'renumbered',
    signal: signals.stop,
    walk: options.walk,
    filter: options.filter,
    on: options.on,
  });
  if (!session.ok) return fail(session.error, signals.exitCode() ?? EXIT.cannotTrace);
  const writer = await createRecording(options.output, session.value.header, { rotation: options.rotation });
  if (!writer.ok) {
    session.value.stop();
    return fail(writer.error, EXIT.wrongUse);
  }
  return run(session.value, writer.value, rules.value, options, signals);
}

async function run(
  session: Session,
  writer: RecordingWriter,
  rules: StopRules,
  options: RecordOptions,
  signals: StopSignals,
): Promise<number> {
  signals.stop.addEventListener('abort', session.stop, { once: true });
  if (signals.stop.aborted) session.stop();
  const writing = writeRows(session, writer, rules);
  if (options.walk) sayProgress('looking at what the kernel holds already');
  await session.walk();
  const command = begin(options, writer, session, signals);
  const written = await writing;
  const exit = await session.ended;
  // Tracing may have ended first; the command's end is still what we are waited for.
  const commandExit = (await command?.exited) ?? null;
  const why = whyIncomplete(exit, written);
  const finished = await writer.finish({
    complete: why === null,
    bad: written.bad,
    ...(why === null ? {} : { why }),
    ...(command?.pid === undefined ? {} : { command_pid: command.pid }),
    ...(commandExit === null ? {} : { command_exit: commandExit }),
  });
  const failure = written.failure ?? (finished.ok ? null : finished.error);
  if (failure !== null) say(failure);
  else if (why !== null) say(`the recording is not complete: ${why}`);
  else if (written.broken !== null) say(`stopped, since a rule was broken: ${written.broken}`);
  else sayProgress(`${written.rows} rows recorded`);
  if (commandExit === 127 || commandExit === 126) say(`cannot run ${options.command[0]}`);
  return signals.exitCode() ?? (commandExit || exitCodeOf(failure, why, written.broken));
}

function exitCodeOf(failure: string | null, why: string | null, broken: string | null): number {
  if (failure !== null) return EXIT.wrongUse;
  if (why === null && broken !== null) return EXIT.ruleBroken;
  return why === null ? EXIT.fine : EXIT.cannotTrace;
}

/** From here on, what happens is recorded: says so, or runs the command and sees to it that tracing stops after it. */
function begin(
  options: RecordOptions,
  writer: RecordingWriter,
  session: Session,
  signals: StopSignals,
): TracedCommand | null {
  const { command: words, output, walkEvery } = options;
  if (signals.stop.aborted) {
    if (words.length > 0) say(`stopped before ${words[0]} was started`);
    return null;
  }
  // It keeps nobody alive, and does nothing once the session has ended.
  if (walkEvery !== null) setInterval(() => void session.walk(), walkEvery * 1000).unref();
  if (words.length === 0) {
    // Scripts wait for this line.
    say(`recording to ${nameOf(writer.path())}; Ctrl-C or SIGTERM stops it`);
    return null;
  }
  const command = runCommand(words, output === '-' ? 'stderr' : 'stdout');
  signals.stop.addEventListener('abort', command.terminate, { once: true });
  void command.exited.then(() => sleep(SETTLE_MS)).then(session.stop);
  return command;
}

function nameOf(output: string): string {
  return output === '-' ? 'standard output' : output;
}

interface Written {
  readonly rows: number;
  readonly bad: number;
  readonly byeSeen: boolean;
  readonly failure: string | null;
  /** The rule because of which recording ended. */
  readonly broken: string | null;
}

/** Writes all rows. When the disk is full, tracing stops: what was written stays readable. */
async function writeRows(session: Session, writer: RecordingWriter, rules: StopRules): Promise<Written> {
  let rows = 0;
  let bad = 0;
  let byeSeen = false;
  let failure: string | null = null;
  let broken: string | null = null;
  for await (const batch of session.rows) {
    if (failure !== null) continue;
    const texts = batch.map((row) => row.text).filter((text) => text !== '');
    rows += texts.length;
    bad += batch.filter((row) => !row.parsed.ok).length;
    byeSeen ||= batch.some(isBye);
    const result = await writer.write(texts);
    if (!result.ok) {
      failure = result.error;
      session.stop();
    } else if (broken === null) {
      broken = rules.look(writer.model);
      // What follows from it is worth having, too.
      if (broken !== null) setTimeout(session.stop, SETTLE_MS);
    }
  }
  return { rows, bad, byeSeen, failure, broken };
}

function isBye({ text, parsed }: SourceRow): boolean {
  return parsed.ok && text.includes('"bye"') && /"data"\s*:\s*\[\s*"bye"/.test(text);
}

function whyIncomplete(exit: BpftraceExit, written: Written): string | null {
  if (written.failure !== null) return written.failure;
  return exit.why === 'stopped' && written.byeSeen ? null : describeEnd(exit);
}

/** Prints the bpftrace program for this host, or for the one that is `on`, instead of running it. */
export async function printProgram(filter: Filter, on: string | null, ownTracer: Tracer): Promise<number> {
  const reached = on === null ? ok(ownTracer) : await reachMachine(on);
  if (!reached.ok) return fail(reached.error, EXIT.cannotTrace);
  const offers = await reached.value.inspect();
  if (!offers.ok) return fail(offers.error.message, EXIT.cannotTrace);
  const { program, leftOut } = reached.value.compose(offers.value, new Set(), filter);
  for (const { path, reason } of leftOut) say(`left out of ${path}: ${reason}`);
  await print(program);
  return EXIT.fine;
}
