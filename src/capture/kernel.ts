/** What the running kernel and bpftrace offer to a tracer. */
import type { Result } from '../base/result.ts';

export interface KernelOffers {
  readonly release: string;
  /** bpftrace's own version text, e.g. "v0.23.2". */
  readonly bpftrace: string;
}

/** Why this user cannot trace here, and what to do. */
export interface CannotTrace {
  readonly what: 'no-bpftrace' | 'not-root' | 'no-bpf' | 'not-linux';
  readonly message: string;
}

export async function inspectKernel(): Promise<Result<KernelOffers, CannotTrace>> {
  throw new Error('being written');
}
