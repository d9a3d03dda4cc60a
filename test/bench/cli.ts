/** `npm run bench -- BENCH`: what whopins costs, measured in a guest of the lab. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { killGuests } from '../lab/guest.ts';
import { EXIT, LabError, say } from '../lab/messages.ts';
import { findPair } from '../lab/pairs.ts';
import { churn, churnLine } from './churn.ts';
import {
  benchDashboard,
  type DashboardBenchOptions,
  dashboardLines,
  dashboardTable,
} from './dashboard/dashboard.ts';
import { benchProbes, probeTable } from './probes.ts';
import { benchReplay, replayTable } from './replay/replay.ts';
import { benchSkips, skipTable } from './skips.ts';
import { benchWalk, walkTable } from './walk.ts';

const wholeNumber = (text: string): number => {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('a whole number up to 99999');
  return Number(text);
};

const wholeNumbers = (text: string): readonly number[] => text.split(',').map(wholeNumber);

interface WalkFlags {
  readonly kernel: string;
  readonly crowds: readonly number[];
  readonly fds: number;
  readonly runs: number;
}

const program = new Command('bench').description('What whopins costs, in a guest of the lab').exitOverride();

program
  .command('walk')
  .description('how long `whopins who` takes, by the number of processes and descriptors')
  .option('--kernel <version>', 'which guest: 6.1, 6.12 or 7.3', '7.3')
  .option('--crowds <n,n,…>', 'numbers of processes', wholeNumbers, [0, 500, 1000, 2000])
  .option('--fds <n>', 'descriptors of each', wholeNumber, 50)
  .option('--runs <n>', 'each time is the best of so many', wholeNumber, 2)
  .action(async ({ kernel, crowds, fds, runs }: WalkFlags) => {
    const times = await benchWalk({ crowds, fdsEach: fds, runs, boot: { pair: findPair(kernel) } });
    process.stdout.write(`${walkTable(times)}\n`);
  });

program
  .command('replay')
  .description(
    'how fast a long recording is read, next to JSON.parse, ndjson and jq; and how fast it is entered',
  )
  .option('--rows <n>', 'how long the recording is', Number, 10_000_000)
  .action(async ({ rows }: { readonly rows: number }) => {
    process.stdout.write(`${replayTable(await benchReplay(rows))}\n`);
  });

program
  .command('probes')
  .description('what each probe costs, and how much slower busy loops become')
  .option('--kernel <version>', 'which guest: 6.1, 6.12 or 7.3', '7.3')
  .option('--runs <n>', 'each time is the best of so many', wholeNumber, 3)
  .action(async ({ kernel, runs }: { readonly kernel: string; readonly runs: number }) => {
    const bench = await benchProbes({ runs, boot: { pair: findPair(kernel) } });
    process.stdout.write(`${probeTable(bench)}\n`);
  });

program
  .command('skips')
  .description('how many hits the kernel skips of each kind of probe, because it was preempted in it')
  .option('--kernel <version>', 'which guest: 6.1, 6.12 or 7.3', '7.3')
  .option('--processes <n>', 'that hit it at a time', wholeNumber, 6)
  .option('--pipes <n>', 'that each opens and closes', wholeNumber, 50_021)
  .action(async ({ kernel, ...work }: { kernel: string; processes: number; pipes: number }) => {
    process.stdout.write(`${skipTable(await benchSkips({ ...work, boot: { pair: findPair(kernel) } }))}\n`);
  });

program
  .command('dashboard')
  .description('the live dashboard on a very busy host that is made up: frames, keys, rows, memory, CPU')
  .option('--seconds <n>', 'how long is measured', wholeNumber, 60)
  .option('--rate <n>', 'rows a second', Number, 100_000)
  .option('--files <n>', 'files that are held', wholeNumber, 10_000)
  .option('--processes <n>', 'processes that hold them', wholeNumber, 2000)
  .option('--width <n>', "the terminal's columns", wholeNumber, 120)
  .option('--height <n>', "the terminal's rows", wholeNumber, 40)
  .action(async (options: DashboardBenchOptions) => {
    const lines = dashboardLines(await benchDashboard(options), options);
    process.stdout.write(`${dashboardTable(lines)}\n`);
    process.exitCode = lines.every(({ isReached }) => isReached) ? 0 : EXIT.storyFailed;
  });

program
  .command('churn')
  .description('the memory of the model while processes, files and pins come and go')
  .option('--millions <n>', 'so many million events', wholeNumber, 10)
  .action(({ millions }: { readonly millions: number }) => {
    for (const sample of churn(millions * 1e6, 20)) process.stdout.write(`${churnLine(sample)}\n`);
  });

const SIGNAL_EXIT = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
for (const [signal, code] of Object.entries(SIGNAL_EXIT)) process.once(signal, () => process.exit(code));
process.once('exit', killGuests);

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.wrongUse;
    return;
  }
  if (!(error instanceof LabError)) throw error;
  say(error.message);
  for (const line of error.details) process.stderr.write(`  ${line}\n`);
  process.exitCode = error.exitCode;
});
