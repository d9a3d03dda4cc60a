/**
 * What a run is narrowed to: some files, some processes. The choice is made in the kernel, where a row would be fired:
 * a file, pipe, region or ring that a chosen process touches (and that is a chosen file, where files are named) is
 * followed from then on, into whatever process it goes. What was never followed fires no rows.
 */
import type { Ino } from '../event/event.ts';
import type { NotCovered } from '../event/header.ts';
import type { Macros } from './preprocess.ts';

/** Of each list any entry will do; of the lists that are not empty all must. */
export interface Filter {
  /** `ino` null: every file of that device. `dev` is the kernel's dev_t: major << 20 | minor. */
  readonly files: readonly { readonly dev: number; readonly ino: Ino | null }[];
  /** Processes (tgid). */
  readonly pids: readonly number[];
  /** Thread names, as the kernel keeps them. */
  readonly comms: readonly string[];
  /** Ids of cgroups (version 2): the inode numbers of their directories. */
  readonly cgroups: readonly string[];
  /** As the user wrote it, for answers. */
  readonly words: string;
}

/** Everything is followed. */
export const NO_FILTER: Filter = { files: [], pids: [], comms: [], cgroups: [], words: '' };

export type FilterKind = 'file' | 'task';

/** Which kinds of choice a filter makes; none where it lets everything through. */
export function kindsOf({ files, pids, comms, cgroups }: Filter): ReadonlySet<FilterKind> {
  const kinds = new Set<FilterKind>();
  if (files.length > 0) kinds.add('file');
  if (pids.length + comms.length + cgroups.length > 0) kinds.add('task');
  return kinds;
}

/**
 * The words of probes/prelude.h that depend on the filter: `OF_TASK` (the running thread is chosen), `OF_FILE(INODE)` and
 * `OF_NUMBERS(DEV, INO)` (the file is). Each is 1 where nothing of its kind is asked for.
 */
export function filterMacros({ files, pids, comms, cgroups }: Filter): Macros {
  const ofTask = allOf([
    anyOf(pids.map((pid) => `pid == ${pid}`)),
    anyOf(comms.map((comm) => `comm == "${comm}"`)),
    anyOf(cgroups.map((id) => `cgroup == ${id}`)),
  ]);
  const ofNumbers = (dev: string, ino: string) =>
    anyOf(
      files.map((file) => `${dev} == ${file.dev}${file.ino === null ? '' : ` && ${ino} == ${file.ino}`}`),
    );
  return new Map([
    ['OF_TASK', { parameters: null, body: ofTask }],
    ['OF_FILE', { parameters: ['INODE'], body: ofNumbers('DEV_OF(INODE)', 'INO_OF(INODE)') }],
    ['OF_NUMBERS', { parameters: ['DEV', 'INO'], body: ofNumbers('DEV', 'INO') }],
  ]);
}

function anyOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? '(1)' : `(${conditions.map((each) => `(${each})`).join(' || ')})`;
}

function allOf(conditions: readonly string[]): string {
  const asked = conditions.filter((each) => each !== '(1)');
  return asked.length === 0 ? '(1)' : `(${asked.join(' && ')})`;
}

/** What a filtered run's answers must say. */
export function filterGaps(filter: Filter): readonly NotCovered[] {
  if (kindsOf(filter).size === 0) return [];
  const noWalk = targetOf(filter) === null ? '; what was there before was not looked at' : '';
  const reason = `only what matches ${filter.words} was followed, and what was handed on of it${noWalk}`;
  return [{ path: 'filter', reason }];
}

/**
 * The one file that a walk is to look for in a run narrowed like this; undefined: all it finds; null: no walk, since its
 * rows could not be narrowed to what the filter lets through.
 */
export function targetOf(filter: Filter): { readonly dev: number; readonly ino: Ino } | null | undefined {
  const kinds = kindsOf(filter);
  if (kinds.size === 0) return undefined;
  const [file, ...others] = filter.files;
  if (kinds.has('task') || file === undefined || others.length > 0 || file.ino === null) return null;
  return { dev: file.dev, ino: file.ino };
}
