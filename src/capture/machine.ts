/** The machine that is traced: this one, or one that ssh leads to. */
import { type BpftraceProcess, startBpftrace } from './bpftrace.ts';
import type { Btf } from './btf.ts';
import { type HostFacts, readHostFacts } from './host-facts.ts';
import { readSkippedHits, type SkippedHits } from './skipped-hits.ts';

export interface Machine {
  readonly readFacts: () => Promise<HostFacts>;
  /** `forceKillMs`: how long it may take to end once it was asked to. */
  readonly startBpftrace: (program: string, forceKillMs: number) => BpftraceProcess;
  /** Counts what the kernel skipped of the programs that the process has open; null where that cannot be asked. */
  readonly readSkipped: ((pid: number, btf: Btf | null) => readonly SkippedHits[]) | null;
}

export const THIS_MACHINE: Machine = {
  readFacts: readHostFacts,
  startBpftrace,
  readSkipped: readSkippedHits,
};
