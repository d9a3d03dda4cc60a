/** The walk over the kernel's own objects: who holds what, found without any event. */

import type { RawRow } from '../../event/encode.ts';
import type { Ino } from '../../event/event.ts';
import type { KernelOffers } from '../kernel.ts';
import { walkProc } from '../procfs/poor-walk.ts';

export interface WalkOptions {
  /** Null where BPF cannot be used: /proc is all there is. */
  readonly offers: KernelOffers | null;
  readonly signal?: AbortSignal;
  /** Told what is going on while nothing else can be shown. */
  readonly onProgress?: (text: string) => void;
  /** The one file that is asked about; `dev` is the kernel's dev_t. */
  readonly target?: { readonly dev: number; readonly ino: Ino };
}

/** Looks once; returns the rows from `walk.began` to `walk.ended`. */
export function walkKernel({ target }: WalkOptions): Promise<readonly RawRow[]> {
  return walkProc(target === undefined ? {} : { target });
}
