import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHeartbeat } from '../../src/capture/heartbeat.ts';

/** A heartbeat on a clock that a test moves, and whether it has caught up yet. */
function watched() {
  let time = 0;
  const heartbeat = createHeartbeat(() => time);
  const state = { caughtUp: false };
  return {
    ...heartbeat,
    state,
    after(ms: number) {
      time += ms;
    },
    ask(limitMs = 20_000) {
      return heartbeat.caughtUp(limitMs).then(() => {
        state.caughtUp = true;
      });
    },
  };
}

/** Longer than it polls. */
const A_POLL = 120;

describe('the beats of bpftrace', () => {
  it('say at once that it keeps up', async () => {
    const { after, ask, state } = watched();
    after(1500);
    await ask();
    assert.equal(state.caughtUp, true);
  });

  it('say that it has caught up when they come a second apart again, not while they come at once', async () => {
    const { after, beat, ask, state } = watched();
    after(5000);
    const asked = ask();
    for (let i = 0; i < 5; i++) {
      after(3);
      beat();
    }
    await sleep(A_POLL);
    assert.equal(state.caughtUp, false);
    after(1000);
    beat();
    await asked;
    assert.equal(state.caughtUp, true);
  });

  it('are not waited for without end', async () => {
    const { after, ask, state } = watched();
    after(5000);
    const asked = ask(7000);
    await sleep(A_POLL);
    assert.equal(state.caughtUp, false);
    after(7001);
    await asked;
    assert.equal(state.caughtUp, true);
  });
});
