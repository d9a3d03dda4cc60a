/** The options of `live` and `record` that narrow what is followed. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Filter } from '../capture/filter.ts';
import { type FilterWords, findFilter, readFilter } from '../capture/filter-words.ts';
import { EXIT } from './exit-codes.ts';
import { fail, say } from './output.ts';

/** Adds the options; each may be given more than once. */
export function addFilters(command: Command): Command {
  const each = (flags: string, description: string, parse: (text: string) => unknown = String) =>
    command.addOption(
      new Option(flags, description).argParser((text: string, before: readonly unknown[] = []) => [
        ...before,
        parse(text),
      ]),
    );
  each('--path <file>', 'follow only this file; may be repeated, as may the next ones');
  each('--inode <major:minor:inode>', 'the same, by its numbers', parseInode);
  each('--device <major:minor>', 'only files of this device, or of the file system that a path lies on');
  each('--pid <pid>', 'only what this process touches, and whoever gets it from there', parsePid);
  each('--comm <name>', 'the same, for threads of this name', parseComm);
  each('--cgroup <directory>', 'the same, for processes of this cgroup (version 2) and those below it');
  return command;
}

function parseInode(text: string): string {
  if (/^\d+:\d+:\d+$/.test(text)) return text;
  throw new InvalidArgumentError('Give MAJOR:MINOR:INODE; stat -c %Hd:%Ld:%i FILE prints one.');
}

function parsePid(text: string): number {
  const pid = Number(text);
  if (/^\d+$/.test(text) && pid > 0 && pid <= 4_194_304) return pid;
  throw new InvalidArgumentError('Give the number of a process.');
}

/** The kernel cuts names at 15 bytes (TASK_COMM_LEN). */
function parseComm(text: string): string {
  if (text === '' || Buffer.byteLength(text) > 15) {
    throw new InvalidArgumentError('The kernel keeps 1 to 15 bytes of a name: give those.');
  }
  // It becomes a word of the program.
  if (/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(text)) return text;
  throw new InvalidArgumentError('Only printable ASCII without quotes and backslashes can be compared.');
}

/**
 * Runs a command with the filter that its options mean; what they mean is said, or why they mean nothing. `on`: the machine
 * that is traced, null for this one.
 */
export async function withFilter(
  flags: FilterWords,
  on: string | null,
  run: (filter: Filter) => Promise<number>,
): Promise<number> {
  const found = on === null ? await findFilter(flags) : readFilter(flags);
  if (!found.ok) return fail(found.error, EXIT.wrongUse);
  for (const note of found.value.notes) say(note);
  return run(found.value.filter);
}
