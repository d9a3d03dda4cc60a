/** The command line of the lab: `npm run lab -- COMMAND`. README.md says what each command is for. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { type BootOptions, killGuests } from './guest.ts';
import { EXIT, LabError, say } from './messages.ts';
import { findPair, selectPairs } from './pairs.ts';
import { describe, prepare } from './setup.ts';
import { shell } from './shell.ts';
import { down, exec, status, up } from './up.ts';

interface GuestFlags {
  readonly kernel: string;
  readonly image?: string;
  readonly modules?: string;
  readonly share?: string;
  readonly append?: string;
  readonly timeout: number;
}

const seconds = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number of seconds above 0');
  return value;
};

function bootOptions(flags: GuestFlags): BootOptions {
  if (flags.modules !== undefined && flags.image === undefined) {
    throw new LabError('--modules goes with --image BZIMAGE', [], EXIT.wrongUse);
  }
  const own =
    flags.image === undefined
      ? undefined
      : { image: flags.image, ...(flags.modules === undefined ? {} : { modules: flags.modules }) };
  return { pair: findPair(flags.kernel), own, share: flags.share, append: flags.append };
}

/** Adds the options of every command that boots a guest. */
function guestCommand(program: Command, name: string, timeoutSeconds: number): Command {
  return program
    .command(name)
    .option('--kernel <version>', 'which guest: 6.1, 6.12 or 7.3', '7.3')
    .option('--image <bzImage>', 'a kernel of your own, with the user space of --kernel')
    .option('--modules <dir>', 'its modules (made by modules_install)')
    .option('--append <parameters>', 'more kernel parameters')
    .option('--timeout <seconds>', 'how long the command may take', seconds, timeoutSeconds);
}

function buildProgram(finish: (exitCode: number) => void): Command {
  const program = new Command('lab')
    .description('Real kernels in QEMU, with whopins on the PATH')
    .enablePositionalOptions()
    .exitOverride();

  program
    .command('setup')
    .description('download and build what guests boot from (every command does this when needed)')
    .option('--kernel <version>', 'one kernel, or all', 'all')
    .action(async (flags: { kernel: string }) => {
      for (const pair of selectPairs(flags.kernel)) {
        process.stdout.write(`${pair.kernel}: ${describe(await prepare(pair))}\n`);
      }
    });

  guestCommand(program, 'shell', 600)
    .description(
      'a guest with a prompt on this terminal, or one command with its output and exit code passed on',
    )
    .option('--share <dir>', 'a host directory to be /mnt/share, read-write')
    .argument('[command...]')
    .passThroughOptions()
    .action(async (argv: string[], flags: GuestFlags) => {
      finish(await shell(bootOptions(flags), argv, flags.timeout * 1000));
    });

  guestCommand(program, 'up', 600)
    .description('boot a guest that stays, for exec')
    .option('--share <dir>', 'a host directory to be /mnt/share, read-write')
    .action((flags: GuestFlags) => up(bootOptions(flags)));

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
