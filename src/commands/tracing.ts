/** Starts tracing on this host: what the commands ask for, with everything that can fail as one line. */
import { err, type Result } from '../base/result.ts';
import { type Composition, composeProgram } from '../capture/compose.ts';
import { type CannotTrace, inspectKernel, type KernelOffers } from '../capture/kernel.ts';
import { type Session, type SessionOptions, startSession } from '../capture/session.ts';
import { sayProgress } from './output.ts';

/** How this host can be traced. Tests put a made-up host here. */
export interface Tracer {
  readonly inspect: () => Promise<Result<KernelOffers, CannotTrace>>;
  readonly compose: (offers: KernelOffers, without: ReadonlySet<string>) => Composition;
}

/** The host that we run on. */
export const THIS_HOST: Tracer = { inspect: inspectKernel, compose: composeProgram };

export type TracingOptions = Pick<SessionOptions, 'command' | 'pointers'> & { readonly signal: AbortSignal };

/** Inspects the host, attaches the probes and returns the running session. The error is one line. */
export async function startTracing(tracer: Tracer, options: TracingOptions): Promise<Result<Session>> {
  const offers = await tracer.inspect();
  if (!offers.ok) return err(offers.error.message);
  const session = await startSession({
    ...options,
    offers: offers.value,
    compose: (without) => tracer.compose(offers.value, without),
    onProgress: sayProgress,
  });
  return session.ok ? session : err(session.error.message);
}
