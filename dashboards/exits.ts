/**
 * Every way in which a dashboard can end, in one place. blessed and execa each stand down from a signal when they
 * see another listener, so that with both loaded nobody would act: these listeners are ours, and stay until the end.
 */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type EndingSignal = (typeof SIGNALS)[number];

export type Exit =
  | { readonly by: 'key' }
  | { readonly by: 'signal'; readonly signal: EndingSignal }
  | { readonly by: 'crash'; readonly error: unknown };

export interface Exits {
  /** Settles with the first way out that is taken. */
  readonly taken: Promise<Exit>;
  readonly take: (exit: Exit) => void;
  /** Stops listening. */
  readonly release: () => void;
}

/** Listens for signals, for errors that nobody caught, and for a terminal that went away. */
export function watchExits(): Exits {
  let take: (exit: Exit) => void = () => {};
  let isTaken = false;
  const taken = new Promise<Exit>((resolve) => {
    take = (exit) => {
      isTaken = true;
      resolve(exit);
    };
  });
  const onSignal = (signal: NodeJS.Signals): void => {
    const known = SIGNALS.find((name) => name === signal);
    if (known === undefined) return;
    // Asked twice: whatever the orderly way waits for, it has waited long enough.
    if (isTaken) process.exit(128 + constants.signals[known]);
    take({ by: 'signal', signal: known });
  };
  const onError = (error: unknown): void => take({ by: 'crash', error });
  const onLostTerminal = (): void => take({ by: 'signal', signal: 'SIGHUP' });
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  for (const stream of [process.stdin, process.stdout]) stream.on('error', onLostTerminal);
  return {
    taken,
    take,
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
      for (const stream of [process.stdin, process.stdout]) stream.off('error', onLostTerminal);
    },
  };
}

/** The exit code of the contract: 0, 1 after a crash, 128 + the signal's number. */
export function exitCodeOf(exit: Exit): number {
  switch (exit.by) {
    case 'key':
      return 0;
    case 'signal':
      return 128 + constants.signals[exit.signal];
    case 'crash':
      return 1;
  }
}
