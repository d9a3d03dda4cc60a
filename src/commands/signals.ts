/**
 * Signals that ask us to stop. They are ours alone: blessed and execa (through signal-exit) each stand down when they
 * see another listener, so that with both loaded nobody would act (blessed 0.1.81, execa 9.6.1).
 */
import { constants } from 'node:os';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface StopSignals {
  /** Aborted by the first signal. */
  readonly stop: AbortSignal;
  /** The exit code that the signal asks for; null when none came. */
  readonly exitCode: () => number | null;
  readonly release: () => void;
}

/** Listens until released. A second signal ends the process at once: the orderly way took too long for somebody. */
export function watchStopSignals(): StopSignals {
  const controller = new AbortController();
  let code: number | null = null;

  function onSignal(signal: NodeJS.Signals): void {
    const asked = 128 + constants.signals[signal];
    if (code !== null) process.exit(asked);
    code = asked;
    controller.abort();
  }

  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  return {
    stop: controller.signal,
    exitCode: () => code,
    release() {
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
    },
  };
}

/** For commands that leave nothing behind: the first signal ends the process. Returns a function that stops listening. */
export function exitOnStopSignals(): () => void {
  const onSignal = (signal: NodeJS.Signals): void => process.exit(128 + constants.signals[signal]);
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  };
}
