/**
 * What the walk's programs print, canned: lines by program. Descriptors that whopins opens for the walk have numbers that
 * no test knows, so a line may begin its values with a token instead of `pid,fd`:
 *
 *   @-59075390699328704         where this open file is visited
 *   @-59075390699328704#1       where it is visited the second time
 *   @-59075390699328704/-640    where -640 is visited, inside that file
 *
 * A line whose token means no visit is not printed: the kernel would not have come there.
 */

import type { Gap } from '../../../src/capture/procfs/walk-row.ts';
import type { HiddenFile, WalkParameters } from '../../../src/capture/walk/compose.ts';
import type { Grounds } from '../../../src/capture/walk/look-inside.ts';
import type { Placeholders } from '../../../src/capture/walk/placeholders.ts';
import { type Printed, readPrinted, withTag } from '../../../src/capture/walk/printed.ts';

export type ProgramName =
  | 'open-files'
  | 'names'
  | 'pipes'
  | 'rings'
  | 'ring-files'
  | 'ring-mappings'
  | 'umems'
  | 'regions'
  | 'region-pages'
  | 'vfio'
  | 'vfio-pages'
  | 'sockets'
  | 'leases'
  | 'waiters';

/** By program: its lines, one list for each run of it (the last list again and again). */
export type Canned = Readonly<Partial<Record<ProgramName, readonly (readonly string[])[]>>>;

/** Fills in where the visits are, and leaves out what is not visited. */
export function fillIn(lines: readonly string[], hidden: readonly HiddenFile[]): readonly string[] {
  return lines.flatMap((line) => {
    const [token, file, inner, nth = '0'] = /@(-?\d+)(?:\/(-?\d+))?(?:#(\d+))?/.exec(line) ?? [];
    if (token === undefined) return [line];
    const visit = hidden.find((each) => each.file === file && each.inner === inner)?.placeholder;
    if (visit === undefined || Number(nth) >= visit.visits) return [];
    return [line.replace(token, `${visit.pid},${visit.fd + Number(nth)}`)];
  });
}

export function readLines(lines: readonly string[]): readonly Printed[] {
  return lines.flatMap((line) => readPrinted(line) ?? []);
}

export interface Run {
  readonly name: string;
  readonly path: string;
  readonly parameters: WalkParameters;
}

export type MadeUpGrounds = Grounds & {
  /** What was run, in order. */
  readonly runs: readonly Run[];
  readonly opened: ReadonlyMap<string, Printed<'open'>>;
};

/** Grounds on which programs print what is canned, without a kernel; `opened` are the lines of open-files. */
export function madeUpGrounds(canned: Canned, opened: readonly string[] = []): MadeUpGrounds {
  const runs: Run[] = [];
  const gaps: Gap[] = [];
  const open = withTag(readLines(opened), 'open');
  const lists: Readonly<Record<string, readonly (readonly string[])[] | undefined>> = canned;
  return {
    runs,
    opened: new Map(open.map((row) => [`${row.pid}:${row.fd}`, row])),
    placeholders: madeUpPlaceholders(),
    programs: {
      gaps,
      say: (path, reason) => gaps.push({ path, reason }),
      async run(name, path, parameters = {}) {
        const turn = runs.filter((run) => run.name === name).length;
        runs.push({ name, path, parameters });
        const lines = lists[name]?.[turn] ?? lists[name]?.at(-1) ?? [];
        return readLines(fillIn(lines, parameters.hidden ?? []));
      },
    },
  };
}

/** Numbers that follow each other; nothing is opened. */
function madeUpPlaceholders(): Placeholders {
  let next = 1000;
  return {
    refused: 0,
    take(visits) {
      const fd = next;
      next += visits;
      return fd;
    },
    close() {},
  };
}
