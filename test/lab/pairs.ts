/**
 * The kernels the lab knows: each is paired with the user space (and so the bpftrace) that its users run.
 * A new kernel is a new row.
 */
import { EXIT, LabError } from './messages.ts';

export interface Pair {
  /** The name on the command line, and the series: the newest `kernel.*` in the suites is taken. */
  readonly kernel: string;
  /** Debian suites that are searched for the kernel; a security suite is left out where the host has none. */
  readonly kernelSuites: readonly string[];
  /** Debian suite of the root file system: bpftrace, iproute2, libibverbs. */
  readonly userSuite: string;
  /** The bpftrace series which that suite has: checked, because probes are written for exactly these. */
  readonly bpftrace: string;
}

export const PAIRS: readonly Pair[] = [
  { kernel: '6.1', kernelSuites: ['bookworm', 'bookworm-security'], userSuite: 'bookworm', bpftrace: '0.17' },
  { kernel: '6.12', kernelSuites: ['trixie'], userSuite: 'trixie', bpftrace: '0.23' },
  { kernel: '7.3', kernelSuites: ['trixie-backports'], userSuite: 'sid', bpftrace: '0.27' },
];

/** The pair of one kernel name; a LabError (wrong use) for an unknown one. */
export function findPair(kernel: string): Pair {
  const pair = PAIRS.find((candidate) => candidate.kernel === kernel);
  if (pair !== undefined) return pair;
  const known = PAIRS.map((candidate) => candidate.kernel).join(', ');
  throw new LabError(`there is no kernel '${kernel}' in the lab: choose one of ${known}`, [], EXIT.wrongUse);
}

/** The pairs meant by `--kernel K|all`. */
export function selectPairs(kernel: string): readonly Pair[] {
  return kernel === 'all' ? PAIRS : [findPair(kernel)];
}
