/** `whopins check`: rules judged by a recording, or by what happens on this host; for CI. */
import { unreachable } from '../base/brand.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseLength, parseRule, type Rule } from '../check/rule.ts';
import { type CheckAnswer, checkAnswer } from '../check/verdict.ts';
import { checkText } from '../report/check-text.ts';
import { junitText } from '../report/junit.ts';
import { EXIT } from './exit-codes.ts';
import { exitWhenUnread, fail, print, printJson, say } from './output.ts';
import { readModel } from './recorded-model.ts';
import { exitOnStopSignals } from './signals.ts';
import { traceWhile } from './trace-while.ts';
import type { Tracer } from './tracing.ts';

export type CheckFormat = 'text' | 'json' | 'junit';

export interface CheckOptions {
  /** Where `live` is not given, the recording comes first. */
  readonly words: readonly string[];
  readonly live: boolean;
  /** How long to trace, as the user wrote it. */
  readonly for: string | null;
  /** Run while tracing; empty: none. */
  readonly command: readonly string[];
  readonly walk: boolean;
  readonly format: CheckFormat;
}

/** Prints the verdicts; returns the exit code: 0 all kept, 1 one broken, 3 one not known. */
export async function check(options: CheckOptions, tracer: Tracer): Promise<number> {
  exitWhenUnread();
  const request = readRequest(options);
  if (!request.ok) return fail(`${request.error}; see whopins check --help`, EXIT.wrongUse);
  const { file, rules, forMs } = request.value;
  if (file !== null) return checkRecording(file, rules, options.format);
  return checkLive(rules, forMs, options, tracer);
}

interface Request {
  /** Null: this host. */
  readonly file: string | null;
  readonly rules: readonly Rule[];
  readonly forMs: number | null;
}

function readRequest(options: CheckOptions): Result<Request> {
  const { words, live, command } = options;
  const isLive = live || command.length > 0;
  const [file = null, ...others] = isLive ? [] : words;
  const rest = isLive ? words : others;
  if (file === null && !isLive) {
    return err('check needs a recording or --live: whopins check run.ndjson.gz "no zombie-lease"');
  }
  if (!isLive && options.for !== null) return err('--for is how long to trace, so it needs --live');
  if (command.length > 0 && options.for !== null) {
    return err('tracing lasts as long as the command, or as --for says: give one of them');
  }
  if (rest.length === 0) return err('check needs a rule: "no zombie-lease", "max break 5s"');
  const forNs = options.for === null ? null : parseLength(options.for);
  if (options.for !== null && forNs === null) return err(`--for takes a time such as 30s or 2min`);
  const rules: Rule[] = [];
  for (const word of rest) {
    const rule = parseRule(word);
    if (!rule.ok) return rule;
    rules.push(rule.value);
  }
  return ok({ file, rules, forMs: forNs === null ? null : forNs / 1e6 });
}

async function checkRecording(file: string, rules: readonly Rule[], format: CheckFormat): Promise<number> {
  exitOnStopSignals();
  const model = await readModel(file);
  if (!model.ok) return fail(model.error, EXIT.unreadable);
  const answer = checkAnswer(model.value, rules);
  await printCheck(answer, format);
  return exitCodeOf(answer);
}

async function checkLive(
  rules: readonly Rule[],
  forMs: number | null,
  { command, walk, format }: CheckOptions,
  tracer: Tracer,
): Promise<number> {
  const commandOutput = format === 'text' ? 'stdout' : 'stderr';
  const traced = await traceWhile({ command, commandOutput, forMs, walk }, tracer);
  if (!traced.ok) return fail(traced.error.message, traced.error.signalled ?? EXIT.cannotTrace);
  const { model, cut, commandExit, signalled } = traced.value;
  const answer = checkAnswer(model, rules);
  await printCheck(answer, format);
  if (cut !== null) say(`tracing ended early: ${cut}; what was seen before it is judged`);
  if (answer.outcome === 'broken') return EXIT.ruleBroken;
  if (signalled !== null) return signalled;
  if (cut !== null) return EXIT.cannotTrace;
  return commandExit || exitCodeOf(answer);
}

async function printCheck(answer: CheckAnswer, format: CheckFormat): Promise<void> {
  switch (format) {
    case 'json':
      return printJson(answer);
    case 'junit':
      return print(junitText(answer));
    case 'text':
      return print(checkText(answer));
    default:
      return unreachable(format);
  }
}

/** A rule that could not be judged is not kept: CI must not turn green for want of sight. */
function exitCodeOf({ outcome }: CheckAnswer): number {
  switch (outcome) {
    case 'kept':
      return EXIT.fine;
    case 'broken':
      return EXIT.ruleBroken;
    case 'unknown':
      return EXIT.cannotTrace;
    default:
      return unreachable(outcome);
  }
}
