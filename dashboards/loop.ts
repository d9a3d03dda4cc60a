/**
 * The loop: lets time pass, and paints when something changed, ten times a second at most; after a key at once. Reading
 * a trace must never wait for the picture.
 */
import type { Feed } from './feed.ts';

const FRAME_MS = 100;
/** After a key nobody waits for the next tenth of a second; still, a key held down must not paint all the time. */
const KEY_FRAME_MS = 25;
/** While a recording is sought through, a frame now and then shows that something happens. */
const SEEK_FRAME_MS = 500;
/** Painting takes one part in this many of the time at most. */
const FRAME_SHARE = 4;

/** When a frame was begun and ended, milliseconds of `performance.now`. */
export interface FrameTimes {
  readonly beganMs: number;
  readonly endedMs: number;
}

export interface LoopOptions {
  readonly feed: Feed;
  readonly paint: () => void;
  /** Called before each frame is due; returns whether there is something new to be seen. */
  readonly onTick: (nowMs: number) => boolean;
  readonly onFrame?: (times: FrameTimes) => void;
}

export interface Loop {
  /** Ends when `stop` is called; rejects when painting throws. */
  readonly run: () => Promise<void>;
  /** The user waits for the next frame. */
  readonly wakeForKey: () => void;
  readonly stop: () => void;
}

export function createLoop({ feed, paint, onTick, onFrame }: LoopOptions): Loop {
  let isRunning = true;
  let isDirty = true;
  let isAwaited = false;
  let wakeUp: () => void = () => {};

  async function run(): Promise<void> {
    let lastFrameMs = Number.NEGATIVE_INFINITY;
    let lastMs = performance.now();
    let frameCostMs = 0;
    while (isRunning) {
      const nowMs = performance.now();
      isDirty = (await feed.advance(nowMs - lastMs)) || isDirty;
      isDirty = onTick(nowMs) || isDirty;
      lastMs = nowMs;
      const isSeeking = feed.motion().state === 'seeking';
      const pauseMs = isAwaited ? KEY_FRAME_MS : isSeeking ? SEEK_FRAME_MS : FRAME_MS;
      // Nobody presses keys so fast that the trace would have to wait for their frames.
      const share = isAwaited ? 1 : FRAME_SHARE;
      const dueMs = lastFrameMs + Math.max(pauseMs, share * frameCostMs);
      const beganMs = performance.now();
      if (isDirty && isRunning && beganMs >= dueMs) {
        isDirty = false;
        isAwaited = false;
        lastFrameMs = beganMs;
        paint();
        const endedMs = performance.now();
        frameCostMs = endedMs - beganMs;
        onFrame?.({ beganMs, endedMs });
      }
      if (feed.motion().state === 'seeking') await pause(0);
      else await pause(isDirty ? dueMs - performance.now() : lastFrameMs + FRAME_MS - performance.now());
    }
  }

  /** Waits, or until a key is pressed; always lets the event loop turn. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, Math.min(ms, FRAME_MS)));
      wakeUp = () => {
        clearTimeout(timer);
        // A turn of the event loop all the same: what was typed with it, and rows, come in before the frame.
        setImmediate(resolve);
      };
    });
  }

  return {
    run,
    wakeForKey() {
      isDirty = true;
      isAwaited = true;
      wakeUp();
    },
    stop() {
      isRunning = false;
      wakeUp();
    },
  };
}
