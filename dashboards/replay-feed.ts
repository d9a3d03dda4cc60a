/**
 * A recording played at the pace at which it happened; where nothing happened for longer than a second, time runs
 * faster, so that no gap takes longer than a second. Going back starts at the checkpoint before and plays unseen up to
 * the goal; so does every other jump, a piece at a time, so that keys are heard.
 */
import type { Event } from '../src/event/event.ts';
import type { Feed, Transport } from './feed.ts';
import { createPlayer, type Player } from './player.ts';
import type { Motion } from './scene.ts';
import { createSeeker } from './seeker.ts';
import type { Source } from './source.ts';
import { isTelling } from './tape.ts';

const LONGEST_GAP_NS = 1e9;
const WORK_MS = 40;
const SPEEDS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256];
const NORMAL_SPEED = SPEEDS.indexOf(1);

/** Plays a recording. `clock` gives milliseconds of any monotonic clock. */
export function createReplayFeed(source: Source, clock: () => number): Feed {
  const player = createPlayer(source, clock);
  const seeker = createSeeker(player, clock);
  let speed = NORMAL_SPEED;
  let isPaused = false;
  let isClosed = false;

  /** Plays `elapsedMs` of the viewer's time. */
  async function play(elapsedMs: number): Promise<void> {
    const until = clock() + WORK_MS;
    let leftNs = elapsedMs * 1e6 * (SPEEDS[speed] ?? 1);
    while (leftNs > 0 && clock() < until) {
      const jumps = player.jumps();
      const next = await nextTelling(player);
      if (player.jumps() !== jumps || seeker.isBusy() || isPaused) return;
      if (next === null) return applyUpTo(player, Number.POSITIVE_INFINITY);
      if (player.position().headNs === null) player.applyNext();
      const { headNs, gapStartNs } = player.position();
      const now = headNs ?? next.ts;
      const rate = Math.max(1, (next.ts - gapStartNs) / LONGEST_GAP_NS);
      const target = Math.min(now + leftNs * rate, Math.max(now, next.ts));
      leftNs -= (target - now) / rate;
      player.moveHead(target);
      applyUpTo(player, target);
      if (target < next.ts) return;
    }
  }

  function motion(): Motion {
    const failure = player.failure();
    const towards = seeker.towards();
    if (towards !== null) return { state: 'seeking', towards };
    if (player.isDone()) return failure === null ? { state: 'ended' } : { state: 'stopped', why: failure };
    return isPaused ? { state: 'paused', held: 0 } : { state: 'playing', speed: SPEEDS[speed] ?? 1 };
  }

  const transport: Transport = {
    step(direction) {
      const why = seeker.step(direction);
      isPaused ||= why === null;
      return why;
    },
    stepFinding(direction, key) {
      const why = seeker.stepFinding(direction, key);
      isPaused ||= why === null;
      return why;
    },
    accelerate(direction) {
      const next = speed + direction;
      if (SPEEDS[next] === undefined)
        return direction > 0 ? 'this is the highest speed' : 'this is the lowest speed';
      speed = next;
      return null;
    },
    seek: (goal) => seeker.seek(goal),
  };

  return {
    story: player.story,
    motion,
    nowNs: () => player.position().headNs ?? 0,
    extent: player.extent,
    silentMs: () => 0,
    async advance(elapsedMs) {
      if (isClosed) return false;
      if (seeker.isBusy()) {
        await seeker.work();
        return true;
      }
      if (isPaused || player.isDone()) return false;
      await play(elapsedMs);
      return true;
    },
    togglePause() {
      if (player.isDone() && !seeker.isBusy()) {
        isPaused = false;
        return seeker.seek({ to: 'share', share: 0 });
      }
      isPaused = !isPaused;
      return null;
    },
    news: seeker.news,
    transport,
    close() {
      isClosed = true;
      player.close();
    },
  };
}

function applyUpTo(player: Player, ns: number): void {
  for (let next = player.peek(); next !== undefined && next.ts <= ns; next = player.peek())
    player.applyNext();
}

/** The next telling event, reading as far ahead as it takes; null when only quiet ones are left. */
async function nextTelling(player: Player): Promise<Event | null> {
  const jumps = player.jumps();
  for (let ahead = 0; ; ahead += 1) {
    while (player.peek(ahead) === undefined && !player.endsBefore(ahead)) {
      await player.load();
      if (player.jumps() !== jumps) return null;
    }
    const event = player.peek(ahead);
    if (event === undefined) return null;
    if (isTelling(event)) return event;
  }
}
