/** Asks whopins, on the host, about a recording, and lets the story compare the answers with the truth. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { execaSync } from 'execa';
import { agreeOnMiddle } from '../stories/middle.ts';
import { countRecording, disagreements } from './account.ts';
import { lastLines } from './messages.ts';
import { WHOPINS_CLI } from './paths.ts';
import { CANNOT_PLAY, type Story, type TruthRow, type Walked } from './story.ts';
import type { AskedWho, Traced } from './trace.ts';

export interface Played {
  readonly traced: Traced;
  /** On the host. */
  readonly recording: string | undefined;
  readonly kernel: string;
  readonly late: boolean;
}

export type Outcome = 'passed' | 'failed' | 'cannot-play';

export interface Verdict {
  readonly outcome: Outcome;
  /** Why it failed, or why it cannot be played; one sentence each. */
  readonly complaints: readonly string[];
}

/** What a played run comes to. */
export function verdictOn(story: Story, played: Played): Verdict {
  const { exitCode, stdout } = played.traced;
  if (exitCode === CANNOT_PLAY) {
    const last = stdout.trim().split('\n').at(-1);
    return { outcome: 'cannot-play', complaints: [`the guest cannot play it: ${last}`] };
  }
  const complaints = judge(story, played);
  return { outcome: complaints.length === 0 ? 'passed' : 'failed', complaints };
}

/**
 * The story's complaints about one played run; an answer that whopins fails to give is a complaint too, and so are rows
 * that do not add up to what the kernel counted.
 */
function judge(story: Story, { traced, recording, kernel, late }: Played): string[] {
  if (traced.timedOut) return [`it had not ended in its ${story.timeoutMs / 1000} s`];
  if (late && traced.asked === undefined)
    return [
      `the workload ended with ${traced.exitCode} before its late point`,
      ...lastLines(traced.stdout, 2),
    ];
  if (recording === undefined) {
    return [
      `there is no recording: whopins record ended with ${traced.exitCode}`,
      ...lastLines(traced.stderr, 6),
    ];
  }
  const who = (target: string, atNs: number | undefined, rest: readonly string[]): string => {
    const at = atNs === undefined ? [] : ['--at', String(Math.round(atNs))];
    return whopins(['who', target, '--recording', recording, ...at, ...rest]);
  };
  try {
    const account = disagreements(countRecording(recording), story.mayLose);
    const complaints = story.check({
      kernel,
      late,
      truth: parseTruth(traced.stdout),
      exitCode: traced.exitCode,
      report: JSON.parse(whopins(['report', recording, '--json'])) as unknown,
      who: (target, atNs) => JSON.parse(who(target, atNs, ['--json'])) as unknown,
      whoText: (target, atNs) => who(target, atNs, []),
      recordingPath: recording,
      ...(traced.asked === undefined ? {} : { walked: readWalked(traced.asked) }),
    });
    return [...account, ...complaints, ...(late ? judgeMiddle(recording, traced.stdout) : [])];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** The same recording as if nobody had looked at what was there when it began: without the rows of its walk. */
function judgeMiddle(recording: string, truth: string): string[] {
  const lines = gunzipSync(readFileSync(recording)).toString().split('\n');
  const rest = lines.filter(
    (line) => !/^\{"type": "\w+", "data": \["walk\.|^\{"whopins":"(checkpoint|index)"/.test(line),
  );
  const middle = recording.replace('.late.', '.middle.');
  writeFileSync(middle, gzipSync(rest.join('\n')));
  return agreeOnMiddle(JSON.parse(whopins(['report', middle, '--json'])) as unknown, parseTruth(truth));
}

/** What whopins answered at the late point; throws with its words when it failed. */
function readWalked({ target, exitCode, json, text, stderr }: AskedWho): Walked {
  const what = `whopins who ${target} in the guest`;
  if (exitCode !== 0) throw new Error(`${what} ended with ${exitCode}: ${lastLines(stderr, 3).join('; ')}`);
  try {
    return { answer: JSON.parse(json) as unknown, text, stderr };
  } catch {
    throw new Error(`${what} --json printed no JSON: ${json.slice(0, 200)}`);
  }
}

/** Runs whopins and returns its stdout; throws with its words when it fails. */
function whopins(args: readonly string[]): string {
  const result = execaSync(process.execPath, [WHOPINS_CLI, ...args], {
    reject: false,
    stripFinalNewline: false,
  });
  if (result.exitCode === 0) return result.stdout;
  const words = lastLines(result.stderr, 3).join('; ');
  throw new Error(`whopins ${args.join(' ')} ended with ${result.exitCode}: ${words}`);
}

/** One JSON object per line; a line that is none is an error of the workload, said with the line. */
export function parseTruth(stdout: string): TruthRow[] {
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        return JSON.parse(line) as TruthRow;
      } catch {
        throw new Error(`the workload printed a line that is no JSON: ${line.slice(0, 200)}`);
      }
    });
}
