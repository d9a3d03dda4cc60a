/** The command line of the lab: `npm run lab -- COMMAND`. README.md says what each command is for. */
import { statSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { type BootOptions, killGuests } from './guest.ts';
import { judgeKeptStories } from './kept.ts';
import { live } from './live.ts';
import { EXIT, LabError, say } from './messages.ts';
import { findPair, selectPairs } from './pairs.ts';
import { record } from './record.ts';
import { describe, forget, prepare } from './setup.ts';
import { shell } from './shell.ts';
import { playStories, storyTable } from './stories.ts';
import { down, exec, status, UP_SECONDS, up } from './up.ts';

interface GuestFlags {
  readonly kernel: string;
  readonly image?: string;
  readonly modules?: string;
  readonly share?: string;
  readonly append?: string;
  /** Seconds. */
  readonly bootTimeout: number;
}

interface TimedFlags extends GuestFlags {
  /** Seconds. */
  readonly timeout: number;
}

const seconds = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number of seconds above 0');
  return value;
};

interface StoryFlags extends GuestFlags {
  readonly late: boolean;
  readonly kept: boolean;
  readonly json: boolean;
  readonly keep?: string;
  readonly parallel: number;
}

async function stories(names: readonly string[], flags: StoryFlags): Promise<number> {
  const pairs = selectPairs(flags.kernel);
  const { pair: _, ...boot } = bootOptions({ ...flags, kernel: pairs[0]?.kernel ?? '' });
  const { late, kept, keep, parallel } = flags;
  const results = kept
    ? await judgeKeptStories({ pairs, names, late })
    : await playStories({ pairs, names, late, parallel, keep, boot });
  process.stdout.write(`${flags.json ? JSON.stringify(results, null, 2) : storyTable(results)}\n`);
  return results.some((result) => result.outcome === 'failed') ? EXIT.storyFailed : 0;
}

const wholeNumber = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number above 0');
  return Number(text);
};

function bootOptions(flags: GuestFlags): BootOptions {
  if (flags.modules !== undefined && flags.image === undefined) {
    throw new LabError('--modules goes with --image BZIMAGE', [], EXIT.wrongUse);
  }
  if (flags.share !== undefined && !statSync(flags.share, { throwIfNoEntry: false })?.isDirectory()) {
    throw new LabError(`--share ${flags.share} is no directory`, [], EXIT.wrongUse);
  }
  const own =
    flags.image === undefined
      ? undefined
      : { image: flags.image, ...(flags.modules === undefined ? {} : { modules: flags.modules }) };
  const { share, append } = flags;
  return { pair: findPair(flags.kernel), own, share, append, bootTimeoutMs: flags.bootTimeout * 1000 };
}

/** Adds the options of every command that boots a guest. */
function guestCommand(program: Command, name: string, kernel = '7.3'): Command {
  return program
    .command(name)
    .option('--kernel <version>', 'which guest: 6.1, 6.12 or 7.3', kernel)
    .option('--image <bzImage>', 'a kernel of your own, with the user space of --kernel')
    .option('--modules <dir>', 'its modules (made by modules_install)')
    .option('--append <parameters>', 'more kernel parameters')
    .option('--boot-timeout <seconds>', 'how long the guest may take to boot', seconds, 180);
}

function buildProgram(finish: (exitCode: number) => void): Command {
  const program = new Command('lab')
    .description('Stock kernels in QEMU, with whopins on the PATH')
    .enablePositionalOptions()
    .exitOverride();

  program
    .command('setup')
    .description('download and build what guests boot from (every command does this when needed)')
    .option('--kernel <version>', 'one kernel, or all', 'all')
    .option('--newest', "build again, from the mirror's newest packages", false)
    .action(async (flags: { kernel: string; newest: boolean }) => {
      for (const pair of selectPairs(flags.kernel)) {
        if (flags.newest) await forget(pair);
        process.stdout.write(`${pair.kernel}: ${describe(await prepare(pair))}\n`);
      }
    });

  guestCommand(program, 'shell')
    .option('--timeout <seconds>', 'how long the command may take', seconds, 600)
    .description(
      'a guest with a prompt on this terminal, or one command with its output and exit code passed on',
    )
    .option('--share <dir>', 'a host directory to be /mnt/share, read-write')
    .argument('[command...]')
    .passThroughOptions()
    .action(async (argv: string[], flags: TimedFlags) => {
      finish(await shell(bootOptions(flags), argv, flags.timeout * 1000));
    });

  guestCommand(program, 'record')
    .option('--timeout <seconds>', 'how long the command may take', seconds, 600)
    .description('trace one program of the host in a guest, and bring the recording out')
    .requiredOption('--out <file>', 'where the recording goes')
    .argument('<binary>')
    .argument('[arg...]')
    .passThroughOptions()
    .action(async (binary: string, args: string[], flags: TimedFlags & { out: string }) => {
      finish(await record(bootOptions(flags), flags.out, [binary, ...args], flags.timeout * 1000));
    });

  guestCommand(program, 'stories', 'all')
    .description('play stories, compare what whopins says with what happened, print a table')
    .option('--late', 'start whopins only when the pinning process is gone', false)
    .option('--kept', 'judge the last play of each again by the code as it is now, without a guest', false)
    .option('--json', 'results as JSON on stdout', false)
    .option('--keep <dir>', 'copy the recordings there')
    .option('--parallel <guests>', 'guests at a time', wholeNumber, 1)
    .argument('[name...]')
    .action(async (names: string[], flags: StoryFlags) => finish(await stories(names, flags)));

  guestCommand(program, 'live')
    .description('the dashboard here, over a guest in which a story plays')
    .argument('[name]')
    .action(async (name: string | undefined, flags: GuestFlags) =>
      finish(await live(bootOptions(flags), name)),
    );

  guestCommand(program, 'up')
    .option('--timeout <seconds>', 'after which it ends by itself', seconds, UP_SECONDS)
    .description('boot a guest that stays, for exec')
    .option('--share <dir>', 'a host directory to be /mnt/share, read-write')
    .action((flags: TimedFlags) => up(bootOptions(flags), flags.timeout));

  program
    .command('exec')
    .description('run a command in the guest that is up')
    .option('--kernel <version>', 'which guest', '7.3')
    .option('--timeout <seconds>', 'how long the command may take', seconds, 600)
    .argument('<command...>')
    .passThroughOptions()
    .action(async (argv: string[], flags: { kernel: string; timeout: number }) => {
      finish(await exec(flags.kernel, argv, { timeoutMs: flags.timeout * 1000 }));
    });

  program
    .command('down')
    .description('end the guest that is up')
    .option('--kernel <version>', 'one kernel, or all', 'all')
    .action(async (flags: { kernel: string }) => {
      for (const pair of selectPairs(flags.kernel)) await down(pair.kernel);
    });

  program.command('status').description('which guests are up').action(status);
  return program;
}

/** Runs one command line; returns the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.wrongUse;
    if (!(error instanceof LabError)) throw error;
    say(error.message);
    for (const line of error.details) process.stderr.write(`  ${line}\n`);
    return error.exitCode;
  }
}

const SIGNAL_EXIT = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
for (const [signal, code] of Object.entries(SIGNAL_EXIT)) process.once(signal, () => process.exit(code));
process.once('exit', killGuests);

// set at the end, not process.exit: output to a pipe may still be on its way
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
