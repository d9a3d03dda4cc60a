/**
 * How long `whopins who` takes on machines with ever more processes, next to what an administrator would run instead:
 * `ls -l /proc/PID/fd` of all. Nothing is pinned, so the whole machine is looked through. Times are of the guest's wall
 * clock, as a person waits; under software emulation they are many times those of hardware, their ratios are not.
 */
import { join } from 'node:path';
import { compileProgram } from '../lab/compile.ts';
import { type BootOptions, bootGuest, type Guest } from '../lab/guest.ts';
import { waitForText } from '../lab/late.ts';
import { endLeftovers } from '../lab/leftovers.ts';
import { LabError, lastLines, say } from '../lab/messages.ts';
import { installBinary } from '../lab/trace.ts';
import { ask } from './ask.ts';

export interface WalkBenchOptions {
  /** Numbers of processes; the first row is what the others are compared with. */
  readonly crowds: readonly number[];
  readonly fdsEach: number;
  /** Each time is the best of so many. */
  readonly runs: number;
  readonly boot: BootOptions;
}

export interface WalkTime {
  readonly processes: number;
  readonly fds: number;
  readonly whoMs: number;
  readonly listMs: number;
}

const CROWD_MS = 180_000;
const WHO_MS = 300_000;

/** Measures in one guest, booted for this. Throws a LabError when a command of it fails. */
export async function benchWalk({ crowds, fdsEach, runs, boot }: WalkBenchOptions): Promise<WalkTime[]> {
  const binary = await compileProgram(join(import.meta.dirname, 'crowd.c'));
  const guest = await bootGuest(boot);
  try {
    const crowd = await installBinary(guest, binary);
    const times: WalkTime[] = [];
    for (const processes of crowds) {
      const fds = processes * fdsEach;
      times.push({
        processes,
        fds,
        ...(await timeCrowd(guest, [crowd, `${processes}`, `${fdsEach}`], runs)),
      });
      say(`${processes} processes with ${fdsEach} descriptors each: done`);
    }
    return times;
  } finally {
    await guest.powerOff();
  }
}

async function timeCrowd(
  guest: Guest,
  argv: readonly string[],
  runs: number,
): Promise<Pick<WalkTime, 'whoMs' | 'listMs'>> {
  const crowd = guest.start(argv);
  if ((await waitForText(crowd, 'stdout', /"did":"crowded"/, 'the crowd', CROWD_MS)) === null)
    throw new LabError('the crowd broke up', lastLines((await crowd.result).stdout, 3));
  const whoMs = await bestOf(guest, runs, ['whopins', 'who']);
  const listMs = await bestOf(guest, runs, ['sh', '-c', 'ls -l /proc/[0-9]*/fd >/dev/null 2>&1; true']);
  await crowd.kill('KILL');
  await crowd.result;
  // those who are still dying would be walked by the next
  await endLeftovers(guest, 'crowd');
  return { whoMs, listMs };
}

async function bestOf(guest: Guest, runs: number, argv: readonly string[]): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await ask(guest, argv, WHO_MS);
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

/** One line for each crowd: seconds, how many times the first line's, and how many times `ls`'s. */
export function walkTable(times: readonly WalkTime[]): string {
  const [first] = times;
  if (first === undefined) return 'nothing was measured';
  const rows = times.map(({ processes, fds, whoMs, listMs }) => [
    String(processes),
    String(fds),
    seconds(whoMs),
    ratio(whoMs, first.whoMs),
    seconds(listMs),
    ratio(whoMs, listMs),
  ]);
  const head = ['processes', 'fds', 'who', 'to first', 'ls -l', 'who to ls'];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  return [head, ...rows]
    .map((row) => row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  '))
    .join('\n');
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const ratio = (ms: number, toMs: number): string => (ms / toMs).toFixed(2);
