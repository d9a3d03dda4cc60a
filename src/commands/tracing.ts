/** Reaches a kernel, this host's or another machine's: what the commands ask for, with everything that can fail as one line. */
import { unreachable } from '../base/brand.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Composition, composeProgram } from '../capture/compose.ts';
import { type Filter, targetOf } from '../capture/filter.ts';
import { whyNoIterators } from '../capture/iterators.ts';
import { type CannotTrace, inspectKernel, type KernelOffers } from '../capture/kernel.ts';
import { type Machine, THIS_MACHINE } from '../capture/machine.ts';
import { type Session, type SessionOptions, startSession } from '../capture/session.ts';
import { startRemoteBpftrace } from '../capture/ssh/remote-bpftrace.ts';
import { inspectRemote } from '../capture/ssh/remote-kernel.ts';
import { type WalkOptions, walkKernel } from '../capture/walk/walk.ts';
import type { RawRow } from '../event/encode.ts';
import { say, sayProgress } from './output.ts';

/** How a machine can be traced. Tests put a made-up host here. */
export interface Tracer {
  readonly machine: Machine;
  readonly inspect: () => Promise<Result<KernelOffers, CannotTrace>>;
  readonly compose: (offers: KernelOffers, without: ReadonlySet<string>, filter?: Filter) => Composition;
  readonly walk: (options: WalkOptions) => Promise<readonly RawRow[]>;
}

/** The host that we run on. */
export const THIS_HOST: Tracer = {
  machine: THIS_MACHINE,
  inspect: inspectKernel,
  compose: composeProgram,
  walk: walkKernel,
};

/** Another machine: it is seen from now on, since nobody looks into its kernel's objects. */
export type RemoteTracer = Omit<Tracer, 'walk'>;

/** Reaches the machine that ssh calls `host` and looks at it once. The error is one line. */
export async function reachMachine(host: string, signal?: AbortSignal): Promise<Result<RemoteTracer>> {
  sayProgress(`looking at ${host}`);
  const kernel = await inspectRemote(host, signal);
  if (!kernel.ok) return err(kernel.error.message);
  const { offers, facts, cpus } = kernel.value;
  return ok({
    machine: {
      readFacts: () => Promise.resolve(facts),
      startBpftrace: (program, forceKillMs) => startRemoteBpftrace(host, cpus, program, forceKillMs),
      readSkipped: null,
    },
    inspect: () => Promise.resolve(ok(offers)),
    compose(...asked) {
      const composition = composeProgram(...asked);
      const gaps = [
        { path: 'session', reason: NO_REMOTE_COUNT },
        { path: 'walk', reason: NO_REMOTE_WALK },
      ];
      return { ...composition, leftOut: [...composition.leftOut, ...gaps] };
    },
  });
}

const NO_REMOTE_WALK =
  'nobody looks into the kernel objects of another machine: what was held before the trace began is not known';

const NO_REMOTE_COUNT =
  'hits of probes that the kernel skips because a program was preempted are not counted on another machine';

export interface TracingOptions extends Pick<SessionOptions, 'command' | 'pointers'> {
  readonly signal: AbortSignal;
  /** Whether the session can walk. */
  readonly walk: boolean;
  /** What the run is narrowed to. */
  readonly filter?: Filter;
  /** The machine to trace, as ssh calls it; null or left out: the tracer's own. */
  readonly on?: string | null;
}

/** Inspects the host, attaches the probes and returns the running session. The error is one line. */
export async function startTracing(
  ownTracer: Tracer,
  { walk, filter, on = null, ...options }: TracingOptions,
): Promise<Result<Session>> {
  const reached = on === null ? ok(ownTracer) : await reachMachine(on, options.signal);
  if (!reached.ok) return reached;
  const tracer = reached.value;
  const look = on === null ? ownTracer.walk : null;
  if (on !== null)
    say(`${on} is seen from now on only; what was held there before is not known: ask whopins who on it`);
  const offers = await tracer.inspect();
  if (!offers.ok) return err(offers.error.message);
  const target = filter === undefined ? undefined : targetOf(filter);
  const session = await startSession({
    ...options,
    offers: offers.value,
    machine: tracer.machine,
    compose: (without) => tracer.compose(offers.value, without, filter),
    onProgress: sayProgress,
    ...(walk && look !== null && target !== null
      ? {
          walk: (signal) => look({ offers: walkable(offers.value), signal, ...(target && { target }) }),
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
    case 'no-connection':
      return err(message);
    default:
      return unreachable(what);
  }
}
