/** Reaches this host's kernel: what the commands ask for, with everything that can fail as one line. */
import { unreachable } from '../base/brand.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Composition, composeProgram } from '../capture/compose.ts';
import { type Filter, targetOf } from '../capture/filter.ts';
import { whyNoIterators } from '../capture/iterators.ts';
import { type CannotTrace, inspectKernel, type KernelOffers } from '../capture/kernel.ts';
import { type Session, type SessionOptions, startSession } from '../capture/session.ts';
import { type WalkOptions, walkKernel } from '../capture/walk/walk.ts';
import type { RawRow } from '../event/encode.ts';
import { sayProgress } from './output.ts';

/** How this host can be traced. Tests put a made-up host here. */
export interface Tracer {
  readonly inspect: () => Promise<Result<KernelOffers, CannotTrace>>;
  readonly compose: (offers: KernelOffers, without: ReadonlySet<string>, filter?: Filter) => Composition;
  readonly walk: (options: WalkOptions) => Promise<readonly RawRow[]>;
}

/** The host that we run on. */
export const THIS_HOST: Tracer = { inspect: inspectKernel, compose: composeProgram, walk: walkKernel };

export interface TracingOptions extends Pick<SessionOptions, 'command' | 'pointers'> {
  readonly signal: AbortSignal;
  /** Whether the session can walk. */
  readonly walk: boolean;
  /** What the run is narrowed to. */
  readonly filter?: Filter;
}

/** Inspects the host, attaches the probes and returns the running session. The error is one line. */
export async function startTracing(
  tracer: Tracer,
  { walk, filter, ...options }: TracingOptions,
): Promise<Result<Session>> {
  const offers = await tracer.inspect();
  if (!offers.ok) return err(offers.error.message);
  const target = filter === undefined ? undefined : targetOf(filter);
  const session = await startSession({
    ...options,
    offers: offers.value,
    compose: (without) => tracer.compose(offers.value, without, filter),
    onProgress: sayProgress,
    ...(walk && target !== null
      ? {
          walk: (signal) =>
            tracer.walk({ offers: walkable(offers.value), signal, ...(target && { target }) }),
        }
      : {}),
  });
  return session.ok ? session : err(session.error.message);
}

function walkable(offers: KernelOffers): KernelOffers | null {
  return whyNoIterators(offers) === null ? offers : null;
}

/** What a walk has to go by. */
export interface WalkHost {
  readonly offers: KernelOffers | null;
  /** Why there is only /proc to look into, and what would help; null where BPF can look into the kernel's objects. */
  readonly lacks: string | null;
}

/** Finds out how the kernel's objects can be looked at. The error is one line: without root nothing of others is seen. */
export async function findWalkHost(tracer: Tracer): Promise<Result<WalkHost>> {
  const offers = await tracer.inspect();
  if (offers.ok) return ok({ offers: walkable(offers.value), lacks: whyNoIterators(offers.value) });
  const { what, message } = offers.error;
  switch (what) {
    case 'no-bpftrace':
    case 'no-bpf':
      return ok({ offers: null, lacks: message });
    case 'not-root':
      return err('cannot look at the objects of other processes without root; use sudo');
    case 'not-linux':
      return err(message);
    default:
      return unreachable(what);
  }
}
