/** Joins probes/*.bt into the one program that this kernel can attach. */
import type { Header, NotCovered } from '../event/header.ts';
import type { KernelOffers } from './kernel.ts';

export interface Composition {
  /** bpftrace source text. */
  readonly program: string;
  readonly probes: Header['probes'];
  readonly leftOut: readonly NotCovered[];
}

export function composeProgram(_offers: KernelOffers): Composition {
  throw new Error('being written');
}
