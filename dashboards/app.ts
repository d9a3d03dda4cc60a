/**
 * The dashboard itself: one loop that hears keys, lets time pass, and paints when something changed, ten times a
 * second at most. It owns the terminal from the first paint to the last way out.
 */
import type { Event } from '../src/event/event.ts';
import type { Header } from '../src/event/header.ts';
import { openBlessedSurface } from './blessed-surface.ts';
import { exitCodeOf, watchExits } from './exits.ts';
import type { Feed } from './feed.ts';
import { moveGaze } from './gaze.ts';
import { type Action, actionOfKey, whyNot } from './keys.ts';
import { createLiveFeed } from './live-feed.ts';
import { createReplayFeed } from './replay-feed.ts';
import { FIRST_GAZE, type Gaze, type Mode, type Scene } from './scene.ts';
import { createStory } from './story.ts';
import type { Surface } from './surface.ts';
import { renderScreen, scrollRoom } from './views/screen.ts';

const FRAME_MS = 100;
/** While a recording is sought through, a frame now and then shows that something happens. */
const SEEK_FRAME_MS = 1000;
/** Painting takes one part in this many of the time at most; reading a trace must never wait for the picture. */
const FRAME_SHARE = 4;
/** How long the answer to a key stays in the footer. */
const SAID_MS = 5000;

export interface DashboardOptions {
  readonly header: Header;
  /** For a replay that can step back, each iteration must give all events again. */
  readonly batches: AsyncIterable<readonly Event[]>;
  readonly mode: Mode;
  /** One line to be seen all the time. */
  readonly notice?: string;
  /** Called once, after the terminal was given back: stops what traces or reads. */
  readonly onQuit: () => Promise<void>;
  /** Where to paint; the terminal of this process if left out. */
  readonly surface?: Surface;
}

/**
 * Shows the dashboard until the user or a signal ends it. Resolves with the exit code: 0, 130, 143 or 129 after a
 * signal, 1 after a crash, whose error it prints once the terminal is restored. Ask `refuseTerminal` first.
 */
export async function runDashboard(options: DashboardOptions): Promise<number> {
  const exits = watchExits();
  const surface = options.surface ?? (await openBlessedSurface());
  const feed = createFeed(options);
  const dashboard = createDashboard(options, feed, surface, () => exits.take({ by: 'key' }));
  surface.onKey((key) => {
    const action = actionOfKey(key);
    if (action === 'interrupt') exits.take({ by: 'signal', signal: 'SIGINT' });
    else if (action !== null) dashboard.act(action);
  });
  surface.onResize(dashboard.wake);
  dashboard.run().catch((error: unknown) => exits.take({ by: 'crash', error }));

  const exit = await exits.taken;
  dashboard.stop();
  surface.close();
  feed.close();
  if (exit.by === 'crash') console.error(describeCrash(exit.error));
  await options.onQuit();
  exits.release();
  return exitCodeOf(exit);
}

function describeCrash(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `whopins: the dashboard failed and has given the terminal back; please report this:\n${stack}`;
}

function createFeed({ batches, header, mode }: DashboardOptions): Feed {
  const clock = (): number => performance.now();
  return mode === 'live'
    ? createLiveFeed(batches, createStory(header), clock)
    : createReplayFeed(batches, () => createStory(header), clock);
}

interface Dashboard {
  readonly run: () => Promise<void>;
  readonly act: (action: Action) => void;
  readonly wake: () => void;
  readonly stop: () => void;
}

function createDashboard(
  options: DashboardOptions,
  feed: Feed,
  surface: Surface,
  quit: () => void,
): Dashboard {
  let gaze: Gaze = FIRST_GAZE;
  let isRunning = true;
  let isDirty = true;
  let saidAtMs = 0;
  let wakeUp: () => void = () => {};

  function scene(): Scene {
    const { kernel, bpftrace, host } = options.header;
    return {
      mode: options.mode,
      kernel,
      bpftrace,
      host,
      notice: options.notice ?? null,
      motion: feed.motion(),
      silentMs: feed.silentMs(),
      gaze,
      reading: feed.story().read(feed.nowNs()),
    };
  }

  function act(action: Action): void {
    if (action === 'quit') {
      quit();
      return;
    }
    const now = scene();
    const refusal = whyNot(action, now) ?? moveTime(feed, action);
    gaze =
      refusal === null ? moveGaze(now, action, scrollRoom(now, surface.size())) : { ...gaze, said: refusal };
    saidAtMs = performance.now();
    wake();
  }

  function wake(): void {
    isDirty = true;
    wakeUp();
  }

  async function run(): Promise<void> {
    let lastFrameMs = Number.NEGATIVE_INFINITY;
    let lastMs = performance.now();
    let frameCostMs = 0;
    while (isRunning) {
      const nowMs = performance.now();
      isDirty = (await feed.advance(nowMs - lastMs)) || isDirty;
      lastMs = nowMs;
      if (gaze.said !== null && nowMs - saidAtMs > SAID_MS) {
        gaze = { ...gaze, said: null };
        isDirty = true;
      }
      const isSeeking = feed.motion().state === 'seeking';
      const dueMs = lastFrameMs + Math.max(isSeeking ? SEEK_FRAME_MS : FRAME_MS, FRAME_SHARE * frameCostMs);
      if (isDirty && isRunning && nowMs >= dueMs) {
        isDirty = false;
        lastFrameMs = nowMs;
        surface.draw(renderScreen(scene(), surface.size()));
        frameCostMs = performance.now() - nowMs;
      }
      if (isSeeking) await pause(0);
      else await pause(isDirty ? dueMs - performance.now() : FRAME_MS);
    }
  }

  /** Waits, or until a key is pressed; always lets the event loop turn. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, ms));
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function stop(): void {
    isRunning = false;
    wakeUp();
  }

  return { run, act, wake, stop };
}

/** What a key does to time; why it could not, or null. */
function moveTime(feed: Feed, action: Action): string | null {
  const { transport } = feed;
  switch (action) {
    case 'pause':
      feed.togglePause();
      return null;
    case 'step':
      return transport?.step(1) ?? null;
    case 'step-back':
      return transport?.step(-1) ?? null;
    case 'faster':
      return transport?.accelerate(1) ?? null;
    case 'slower':
      return transport?.accelerate(-1) ?? null;
    case 'start':
      return transport?.jump('start') ?? null;
    case 'end':
      return transport?.jump('end') ?? null;
    default:
      return null;
  }
}
