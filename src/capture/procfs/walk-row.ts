/**
 * What all rows of a walk through /proc have in common: the moment, the process's name, and pointers. /proc shows no
 * kernel address, but rows refer to each other by them, so they are made up here: small negative multiples of eight.
 * The kernel has none of its objects there (the last page of the address space holds error values, the 2 GiB before it
 * the kernel's own text and modules), so they never meet a real one.
 */
import type { RawRow } from '../../event/encode.ts';
import type { COMMON } from '../../event/schema.ts';
import { PROC_ROOT } from './proc-file.ts';
import { readTaskName } from './tasks.ts';
import { readPinCounts } from './vmstat.ts';

/** Something that a walk could not look into; `path` is called as the probes' paths are. */
export interface Gap {
  readonly path: string;
  readonly reason: string;
}

export interface RowContext {
  /** Boot ns at which the walk began: the `ts` of all its rows. */
  readonly began: number;
  readonly procRoot: string;
  /** The pointer that stands for this thing: the same for the same key. */
  pointerOf(key: string): number;
  /** The name of a process, read once; '' when it is gone. */
  nameOf(pid: number): string;
}

type CommonColumns = {
  readonly [N in keyof typeof COMMON]: (typeof COMMON)[N] extends 'str' ? string : number;
};

const POINTER_STEP = 8;

export function createRowContext(began: number, procRoot = PROC_ROOT): RowContext {
  const pointers = new Map<string, number>();
  const names = new Map<number, string>();
  return {
    began,
    procRoot,
    pointerOf(key) {
      const known = pointers.get(key);
      if (known !== undefined) return known;
      const made = -POINTER_STEP * (pointers.size + 1);
      pointers.set(key, made);
      return made;
    },
    nameOf(pid) {
      const known = names.get(pid);
      if (known !== undefined) return known;
      const name = pid > 0 ? readTaskName(pid, procRoot) : '';
      names.set(pid, name);
      return name;
    },
  };
}

/** The columns that every row begins with, about a process or one of its threads. */
export function commonColumns(
  context: RowContext,
  pid: number,
  tid: number = pid,
  comm: string = context.nameOf(pid),
): CommonColumns {
  return { ts: context.began, cpu: 0, pid, tid, comm };
}

/** Says what this walk could not look into. */
export function gapRow(context: RowContext, path: string, reason: string) {
  return { kind: 'walk.gap', ...commonColumns(context, 0), path, reason } as const;
}

/** A whole walk: what was found between its two ends, gaps last, with the kernel's own counts of pins. */
export function frameWalk(
  context: RowContext,
  found: readonly RawRow[],
  gaps: readonly Gap[] = [],
): readonly RawRow[] {
  const common = commonColumns(context, 0);
  const counts = readPinCounts(context.procRoot);
  const isEnd = ({ kind }: RawRow) => kind === 'walk.began' || kind === 'walk.ended';
  const said = [
    ...found.filter(({ kind }) => kind === 'walk.gap'),
    ...gaps.map(({ path, reason }) => gapRow(context, path, reason)),
  ];
  const inside = [...found.filter((row) => !isEnd(row) && row.kind !== 'walk.gap'), ...said];
  return [
    { kind: 'walk.began', ...common },
    ...inside,
    {
      kind: 'walk.ended',
      ...common,
      gaps: said.length,
      acquired: counts?.acquired ?? -1,
      released: counts?.released ?? -1,
      rows: inside.length + 2,
    },
  ];
}
