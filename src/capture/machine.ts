/** The machine that is traced: this one, or one that ssh leads to. */
import { type BpftraceProcess, startBpftrace } from './bpftrace.ts';
import { type HostFacts, readHostFacts } from './host-facts.ts';

export interface Machine {
  readonly readFacts: () => Promise<HostFacts>;
  /** `forceKillMs`: how long it may take to end once it was asked to. */
  readonly startBpftrace: (program: string, forceKillMs: number) => BpftraceProcess;
}

export const THIS_MACHINE: Machine = { readFacts: readHostFacts, startBpftrace };
