/**
 * Ctrl-Z and SIGTSTP: the shell gets its terminal back, and `fg` gives it to the dashboard again. What traces goes on
 * by itself meanwhile; what its buffers cannot hold is counted as lost.
 */
import type { Surface } from './surface.ts';

/** Where nobody can stop the process (it has no shell), it goes on after this time. */
const STOPPED_WITHIN_MS = 200;

export interface Suspension {
  readonly suspend: () => void;
  /** Stops listening. */
  readonly release: () => void;
}

/** Listens for SIGTSTP until released. */
export function watchSuspension(surface: Surface): Suspension {
  let isSuspended = false;

  function suspend(): void {
    if (isSuspended) return;
    isSuspended = true;
    surface.pause();
    // A signal that is listened for does not stop the process.
    process.off('SIGTSTP', suspend);
    process.once('SIGCONT', resume);
    process.kill(process.pid, 'SIGTSTP');
    setTimeout(resume, STOPPED_WITHIN_MS);
  }

  function resume(): void {
    if (!isSuspended) return;
    isSuspended = false;
    process.off('SIGCONT', resume);
    process.on('SIGTSTP', suspend);
    surface.resume();
  }

  process.on('SIGTSTP', suspend);
  return {
    suspend,
    release() {
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', resume);
      // Nothing is taken again from a terminal that is to be given back.
      isSuspended = false;
    },
  };
}
