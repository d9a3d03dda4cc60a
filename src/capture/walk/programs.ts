/** Runs the walk's programs, as many at a time as there are processors, and keeps account of what could not be run. */
import { availableParallelism } from 'node:os';
import type { KernelOffers } from '../kernel.ts';
import type { Gap } from '../procfs/walk-row.ts';
import { composeWalk, type WalkParameters } from './compose.ts';
import { iterate } from './iterate.ts';
import type { Printed } from './printed.ts';

export interface Programs {
  /**
   * Runs probes/walk/NAME.bt. What cannot be run on this kernel, or fails, prints nothing and leaves a gap; `path` names
   * it in answers.
   */
  readonly run: (
    name: string,
    path: string,
    parameters?: WalkParameters,
    limitMs?: number,
  ) => Promise<readonly Printed[]>;
  readonly gaps: readonly Gap[];
  /** Adds a gap. */
  readonly say: (path: string, reason: string) => void;
}

/** Loading takes 1 to 10 s on hardware and in quiet guests, a minute on an overloaded host. */
const LONGEST_MS = 180_000;

/** Programs for one walk. */
export function createPrograms(offers: KernelOffers, signal: AbortSignal | undefined): Programs {
  const gaps: Gap[] = [];
  const waiting: (() => void)[] = [];
  let free = availableParallelism();

  async function takeTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  }

  function addGap(path: string, reason: string): void {
    if (!gaps.some((gap) => gap.path === path && gap.reason === reason)) gaps.push({ path, reason });
  }

  return {
    gaps,
    say: addGap,
    async run(name, path, parameters = {}, limitMs = LONGEST_MS) {
      const { text, missing } = composeWalk(name, offers, parameters);
      for (const reason of missing) addGap(path, reason);
      if (text === null) return [];
      const run = await takeTurn(() => iterate(text, signal, limitMs));
      if (run.ok) return run.value;
      addGap(path, `the walk's program ${name} could not be run: ${run.error}`);
      return [];
    },
  };
}
