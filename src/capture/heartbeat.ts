/**
 * Whether bpftrace keeps up, told by its beats, one a second. A bpftrace that is asked to end while it lags behind (it reads
 * all kernel symbols before it prints its first stack, and 0.17 takes 20 s for that on a busy emulated host) forgets the
 * rows that it has not read yet, and does not say so; the kernel's counters show it. So the end is asked for only when
 * the beats come in their rhythm.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than this without a beat is a lag. */
const LATE_MS = 2000;
/** Beats that come closer together than this are those that waited. */
const RHYTHM_MS = 500;
const POLL_MS = 50;

export interface Heartbeat {
  /** A beat came, or the first row. */
  readonly beat: () => void;
  /** Settles when bpftrace has caught up, at once where it does not lag, and after `limitMs` at the latest. */
  readonly caughtUp: (limitMs: number, signal?: AbortSignal) => Promise<void>;
}

/** Watches beats by the time they arrive, in milliseconds. */
export function createHeartbeat(now: () => number = performance.now.bind(performance)): Heartbeat {
  let last = now();
  let gap = Number.POSITIVE_INFINITY;

  return {
    beat() {
      gap = now() - last;
      last = now();
    },
    async caughtUp(limitMs, signal) {
      const asked = now();
      if (asked - last <= LATE_MS) return;
      const isInRhythm = () => last > asked && gap >= RHYTHM_MS && gap <= LATE_MS;
      while (!isInRhythm() && now() - asked < limitMs && !signal?.aborted) await sleep(POLL_MS);
    },
  };
}
