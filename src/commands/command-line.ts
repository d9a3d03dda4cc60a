/** The words of the command line: commands, options, help. What they do is in the files beside this one. */
import { Command, CommanderError, Option } from 'commander';
import type { FilterWords } from '../capture/filter-words.ts';
import { packageVersion } from '../capture/package-root.ts';
import { RULE_FORMS } from '../check/rule.ts';
import { type CheckFormat, check } from './check.ts';
import { doctor } from './doctor.ts';
import { EXIT } from './exit-codes.ts';
import { EXPORT_FORMATS, type ExportFormat, exportRecording } from './export.ts';
import { addFilters, withFilter } from './filter-options.ts';
import { live } from './live.ts';
import {
  parseFiles,
  parseSeconds,
  parseSize,
  parseTime,
  parseWatch,
  WATCH_PAUSE_S,
} from './option-values.ts';
import { printHelp, sayUsageError } from './output.ts';
import { printProgram, record } from './record.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import {
  addMachine,
  addShow,
  addWalk,
  type MachineFlag,
  type ShowFlags,
  showOf,
  type WalkFlag,
} from './shared-options.ts';
import { start } from './start.ts';
import type { Tracer } from './tracing.ts';
import { who } from './who.ts';

/** Runs one command line (without node and script) and returns its exit code. */
export async function runCommandLine(args: readonly string[], tracer: Tracer): Promise<number> {
  let exitCode: number = EXIT.fine;
  const program = describeCommands(args, tracer, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.fine : EXIT.wrongUse;
  }
}

function describeCommands(args: readonly string[], tracer: Tracer, end: (exitCode: number) => void): Command {
  const program = new Command('whopins')
    .description(
      'Who pins this file? Traces leases, pins, hand-overs and what waits for them, and names the holder.',
    )
    .usage('[command] [options]')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .allowExcessArguments()
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: printHelp, outputError: sayUsageError })
    .addHelpText('after', EXIT_CODES)
    .action(async (_options: unknown, command: Command) => {
      const [unknown] = command.args;
      if (unknown !== undefined) command.error(`unknown command '${unknown}'; see whopins --help`);
      end(await start(tracer));
    });

  addWalk(addMachine(addFilters(addShow(program.command('live')))))
    .description('show what happens on this host or another machine, as it happens (needs root and bpftrace)')
    .action(async (options: ShowFlags & WalkFlag & MachineFlag & FilterWords) => {
      const { on = null } = options;
      const walk = options.walk && on === null;
      end(
        await withFilter(options, on, (filter) => live({ show: showOf(options), walk, filter, on }, tracer)),
      );
    });

  addWalk(addMachine(addFilters(program.command('record'))))
    .description('record until stopped, or until COMMAND ends')
    .usage('-o FILE [options] [-- COMMAND…]')
    .option('-o, --output <file>', "where the recording goes; '-' is standard output, not compressed")
    .option(
      '--raw-pointers',
      'keep kernel addresses as they are; they tell where this kernel keeps its objects',
    )
    .addOption(
      new Option('--walk-every <seconds>', 'look at what the kernel holds again and again')
        .argParser(parseSeconds)
        .conflicts(['walk', 'on']),
    )
    .addOption(
      new Option('--max-size <size>', 'begin a new file when one has so much: 500k, 100M, 2G').argParser(
        parseSize,
      ),
    )
    .addOption(
      new Option('--max-time <time>', 'begin a new file after so long: 30s, 10min, 1h').argParser(parseTime),
    )
    .addOption(
      new Option('--keep <files>', 'keep only the last so many files (a flight recorder)').argParser(
        parseFiles,
      ),
    )
    .addOption(
      new Option(
        '--until <rule>',
        'stop when a rule of whopins check is broken: --until "no zombie-lease"; may be given again',
      ).argParser((text, before: readonly string[] = []) => [...before, text]),
    )
    .option('--print-program', 'print the bpftrace program for this host, and run nothing')
    .argument('[command...]', 'what to run while recording')
    .passThroughOptions()
    .action(async (words: string[], options: RecordFlags, command: Command) => {
      const { on = null } = options;
      if (options.printProgram)
        return end(await withFilter(options, on, (filter) => printProgram(filter, on, tracer)));
      if (on !== null && words.length > 0)
        return command.error('COMMAND would run here, not on the other machine; start it there');
      const { output, rawPointers = false, walkEvery = null } = options;
      const walk = options.walk && on === null;
      if (output === undefined) return command.error('record needs a place to write to: -o FILE');
      const { until = [], maxSize: maxBytes = null, maxTime: maxMs = null, keep = null } = options;
      const rotation = maxBytes === null && maxMs === null ? null : { maxBytes, maxMs, keep };
      if (rotation === null && keep !== null)
        return command.error('--keep needs --max-size or --max-time: without them there is one file');
      end(
        await withFilter(options, on, (filter) =>
          record(
            { output, rawPointers, walk, walkEvery, rotation, until, filter, on, command: words },
            tracer,
          ),
        ),
      );
    });

  addShow(program.command('replay <file>'))
    .description('play a recording: pause, step, seek')
    .option('--follow', 'the recording is still being written: wait for more')
    .action(async (file: string, options: ShowFlags & { readonly follow?: true }) =>
      end(await replay(file, { show: showOf(options), follow: options.follow ?? false })),
    );

  program
    .command('who [path]')
    .description(
      'who holds a file (a path or MAJOR:MINOR:INODE), what waits for it, what to release; all files without a path',
    )
    .option('--recording <file>', 'answer from a recording, not from the running kernel')
    .option(
      '--at <time>',
      'as it was then: seconds since the recording began (+4.5s), a share of it (50%), nanoseconds since boot, or wall time with its zone',
    )
    .addOption(
      new Option(
        '--watch [seconds]',
        'answer again when the answer has changed, until nothing waits any more; look every 2 seconds, or as often as told',
      )
        .argParser(parseWatch)
        .conflicts('recording'),
    )
    .option('--json', 'answer as JSON')
    .action(async (argument: string | undefined, options: WhoFlags, command: Command) => {
      const { json = false, watch: value = null, ...times } = options;
      const isPath = typeof value === 'string';
      if (isPath && argument !== undefined) return command.error(`--watch takes seconds, not '${value}'`);
      const path = isPath ? value : (argument ?? null);
      const watch = typeof value === 'number' || value === null ? value : WATCH_PAUSE_S;
      return end(await who(path, { ...times, watch, json }, tracer));
    });

  program
    .command('report <file>')
    .description('findings and timelines of a recording, as text for a mailing list')
    .option('--from <time>', 'only what was so from then on; times as for who --at')
    .option('--to <time>', 'only what was so until then')
    .option('--json', 'answer as JSON')
    .action(async (file: string, { json = false, ...period }: ReportFlags) =>
      end(await report(file, { ...period, json })),
    );

  addWalk(program.command('check [words...]'))
    .description('say whether rules are kept, by a recording or by what happens here; exit 1 if one is not')
    .usage("FILE 'RULE'… | --live [--for TIME] 'RULE'… | 'RULE'… -- COMMAND…")
    .option('--live', 'trace this host: for a time, while COMMAND runs, or until stopped')
    .option('--for <time>', 'how long to trace: 30s, 2min')
    .addOption(new Option('--json', 'answer as JSON').conflicts('junit'))
    .option('--junit', 'answer as JUnit XML')
    .addHelpText('after', `\nRules:\n${RULE_FORMS.map((form) => `  ${form}\n`).join('')}`)
    .action(async (words: string[], options: CheckFlags) => {
      const { live = false, for: length = null, walk } = options;
      const [own, command] = splitCommand(words, args);
      end(
        await check({ words: own, command, live, for: length, walk, format: checkFormatOf(options) }, tracer),
      );
    });
  program
    .command('doctor')
    .description('what this kernel, bpftrace and user can trace, what not, why, and how to get it')
    .option('--json', 'answer as JSON')
    .action(async (options: { readonly json?: true }) =>
      end(await doctor({ json: options.json ?? false }, tracer)),
    );

  program
    .command('export <file>')
    .description('a recording for other tools, on standard output')
    .addOption(
      new Option(
        '--to <format>',
        'perfetto: Chrome trace JSON, for ui.perfetto.dev and speedscope; html: one page that needs nothing else; ndjson: decoded events',
      )
        .choices(EXPORT_FORMATS)
        .makeOptionMandatory(),
    )
    .action(async (file: string, { to }: { readonly to: ExportFormat }) =>
      end(await exportRecording(file, to)),
    );
  for (const command of program.commands) command.allowExcessArguments(false);
  return program;
}

interface RecordFlags extends WalkFlag, MachineFlag, FilterWords {
  readonly output?: string;
  readonly rawPointers?: true;
  readonly walkEvery?: number;
  readonly maxSize?: number;
  readonly maxTime?: number;
  readonly keep?: number;
  readonly until?: readonly string[];
  readonly printProgram?: true;
}

interface WhoFlags {
  readonly recording?: string;
  readonly at?: string;
  readonly watch?: number | string | true;
  readonly json?: true;
}

interface ReportFlags {
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

interface CheckFlags extends WalkFlag {
  readonly live?: true;
  readonly for?: string;
  readonly json?: true;
  readonly junit?: true;
}

function checkFormatOf({ json, junit }: CheckFlags): CheckFormat {
  if (json) return 'json';
  return junit ? 'junit' : 'text';
}

/** The words before `--` and those after it: commander gives all as one list. */
function splitCommand(words: readonly string[], args: readonly string[]) {
  const mark = args.indexOf('--');
  const count = mark < 0 ? 0 : args.length - mark - 1;
  return [words.slice(0, words.length - count), words.slice(words.length - count)] as const;
}

const EXIT_CODES = `
Without a command: the live dashboard where this user can trace, otherwise a bundled recording.

Exit codes: 0 fine, 1 a rule is broken, 2 wrong use, 3 cannot trace here, 4 recording unreadable,
130 or 143 ended by a signal. record passes on the exit code of its COMMAND.
`;
