/** Options that several commands share: what is shown, of which machine, and whether a walk comes first. */
import { type Command, Option } from 'commander';
import type { Show } from './live.ts';
import { parseMachine } from './option-values.ts';

export interface ShowFlags {
  readonly plain?: true;
  readonly json?: true;
}

export interface WalkFlag {
  /** True unless `--no-walk` is given. */
  readonly walk: boolean;
}

export interface MachineFlag {
  readonly on?: string;
}

/** Adds the choice between the dashboard and events as they come. */
export function addShow(command: Command): Command {
  return command
    .addOption(new Option('--plain', 'print events as lines of text').conflicts('json'))
    .option('--json', 'print events as lines of JSON');
}

/** Adds the machine that is traced. */
export function addMachine(command: Command): Command {
  return command.addOption(
    new Option(
      '--on <user@host>',
      'trace another machine, by ssh: it needs only bpftrace; what is held there before is not seen',
    ).argParser(parseMachine),
  );
}

/** The choice that was made. */
export function showOf({ plain, json }: ShowFlags): Show {
  if (plain) return 'plain';
  return json ? 'json' : 'dashboard';
}

/** Adds the choice to trace only. */
export function addWalk(command: Command): Command {
  return command.option('--no-walk', 'trace only; do not look first at what the kernel holds already');
}
