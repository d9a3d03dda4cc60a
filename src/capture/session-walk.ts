/** Walks of a running session: what they find enters its rows at the place of the moment at which they looked. */
import { plural } from '../base/text.ts';
import type { RowGate } from './row-gate.ts';
import { rowToSource, runWalk, type Walk, withGap } from './walk-rows.ts';

export interface SessionWalk {
  /** Looks, unless a walk is on already: then that one is waited for. Never rejects. */
  readonly walk: () => Promise<void>;
  /** Ends the walk that is on; there will be no other. */
  readonly stop: () => void;
}

/** Creates the walks of one session. `signal` stops them too. */
export function createSessionWalk(look: Walk | undefined, gate: RowGate, signal?: AbortSignal): SessionWalk {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  let running: Promise<void> | null = null;

  async function run(walk: Walk): Promise<void> {
    gate.close();
    const found = await runWalk(walk, stopping.signal);
    gate.open((ahead) => {
      const late = `${plural(ahead, 'row')} of what happened during the walk came before what it found`;
      return (ahead === 0 ? found : withGap(found, late)).map(rowToSource);
    });
    running = null;
  }

  return {
    stop,
    walk() {
      if (look === undefined || gate.hasEnded()) return Promise.resolve();
      running ??= run(look);
      return running;
    },
  };
}
