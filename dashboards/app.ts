/**
 * The dashboard itself: it owns the terminal from the first paint to the last way out, hears keys, and turns what they
 * ask into moves of the eye, of time, or into a file. The loop that paints is in `loop.ts`.
 */
import type { Result } from '../src/base/result.ts';
import type { Event } from '../src/event/event.ts';
import type { Header } from '../src/event/header.ts';
import type { SeekableTrace } from '../src/model/seekable.ts';
import { openBlessedSurface } from './blessed-surface.ts';
import { exitCodeOf, watchExits } from './exits.ts';
import type { Feed } from './feed.ts';
import { lineText } from './frame.ts';
import { moveGaze } from './gaze.ts';
import { parseGoal } from './goal.ts';
import { type Action, actionOfKey } from './keys.ts';
import { createLiveFeed } from './live-feed.ts';
import { createLoop, type FrameTimes } from './loop.ts';
import { typeKey } from './prompt.ts';
import { whyNot } from './refusals.ts';
import { createReplayFeed } from './replay-feed.ts';
import { FIRST_GAZE, type Gaze, type Prompt, type Scene } from './scene.ts';
import { sourceOfBatches, sourceOfTrace } from './source.ts';
import { createStory, type DescribeEvent } from './story.ts';
import { suggestName } from './suggest-name.ts';
import type { KeyName, Surface } from './surface.ts';
import { watchSuspension } from './suspension.ts';
import { renderScreen, roomOf } from './views/screen.ts';
import { writtenView } from './views/written.ts';

/** What can be shown: what happens now, a recording, or batches of events that stand for one in tests. */
export type Shown =
  | { readonly mode: 'live'; readonly batches: AsyncIterable<readonly Event[]> }
  | { readonly mode: 'replay'; readonly batches: AsyncIterable<readonly Event[]> }
  | { readonly mode: 'replay'; readonly trace: SeekableTrace };

/** What the user can keep of what is shown. Each returns what was done, or why it could not be, in one line. */
export interface Keeper {
  /** Writes a text to a file that is not there yet. */
  readonly writeText: (path: string, text: string) => Promise<Result<string>>;
  /** Records a live trace from now on; a recording that is shown is copied. */
  readonly record: (path: string) => Promise<Result<string>>;
  /** Ends the recording of a live trace. */
  readonly stopRecording: () => Promise<Result<string>>;
  /** The file into which a live trace is recorded now. */
  readonly recordingTo: () => string | null;
}

export interface DashboardOptions {
  readonly header: Header;
  readonly shown: Shown;
  readonly describe: DescribeEvent;
  /** Null where nothing can be kept. */
  readonly keeper: Keeper | null;
  /** One line to be seen all the time. */
  readonly notice?: string;
  /** Called once, after the terminal was given back: stops what traces or reads. */
  readonly onQuit: () => Promise<void>;
  /** Where to paint; the terminal of this process if left out. */
  readonly surface?: Surface;
  /** Told of each frame, for measuring. */
  readonly onFrame?: (times: FrameTimes) => void;
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
  const suspension = watchSuspension(surface);
  surface.onKey((key) => {
    if (key === 'ctrl-c') exits.take({ by: 'signal', signal: 'SIGINT' });
    else if (key === 'ctrl-z') suspension.suspend();
    else dashboard.press(key);
  });
  surface.onResize(dashboard.wake);
  dashboard.run().catch((error: unknown) => exits.take({ by: 'crash', error }));

  const exit = await exits.taken;
  dashboard.stop();
  suspension.release();
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

function createFeed({ shown, header, describe }: DashboardOptions): Feed {
  const clock = (): number => performance.now();
  if (shown.mode === 'live') return createLiveFeed(shown.batches, createStory(header, describe), clock);
  const source =
    'trace' in shown
      ? sourceOfTrace(shown.trace, (model) => createStory(header, describe, model))
      : sourceOfBatches(shown.batches, () => createStory(header, describe));
  return createReplayFeed(source, clock);
}

interface Dashboard {
  readonly run: () => Promise<void>;
  readonly press: (key: KeyName) => void;
  readonly wake: () => void;
  readonly stop: () => void;
}

/** How long the answer to a key stays in the footer. */
const SAID_MS = 5000;

function createDashboard(
  options: DashboardOptions,
  feed: Feed,
  surface: Surface,
  quit: () => void,
): Dashboard {
  const { header, shown, notice = null, keeper } = options;
  let gaze: Gaze = FIRST_GAZE;
  let saidAtMs = 0;
  let seen: Scene | null = null;
  const loop = createLoop({ feed, paint, onTick, ...(options.onFrame && { onFrame: options.onFrame }) });

  function scene(): Scene {
    return {
      mode: shown.mode,
      kernel: header.kernel,
      bpftrace: header.bpftrace,
      host: header.host,
      probes: header.probes,
      notice,
      recordingTo: keeper?.recordingTo() ?? null,
      motion: feed.motion(),
      extent: feed.extent(),
      silentMs: feed.silentMs(),
      gaze,
      reading: feed.story().read(feed.nowNs()),
    };
  }

  function paint(): void {
    seen = scene();
    surface.draw(renderScreen(seen, surface.size()));
  }

  /** What the user sees who presses a key: the last picture, but for what keys changed since. */
  function sceneOfKey(): Scene {
    return seen === null ? scene() : { ...seen, gaze, motion: feed.motion() };
  }

  /** Old answers to keys go; news of a jump that is over come. Returns whether there is something new to be seen. */
  function onTick(nowMs: number): boolean {
    const news = feed.news();
    if (news !== null) say(news);
    else if (gaze.said === null || gaze.prompt !== null || nowMs - saidAtMs < SAID_MS) return false;
    else gaze = { ...gaze, said: null };
    return true;
  }

  function say(text: string | null): void {
    gaze = { ...gaze, said: text };
    saidAtMs = performance.now();
  }

  function press(key: KeyName): void {
    const now = sceneOfKey();
    if (gaze.prompt !== null) {
      const typed = typeKey(now, gaze.prompt, key);
      gaze = typed.gaze;
      if (typed.entered !== null) enter(typed.entered, now);
    } else {
      const action = actionOfKey(key);
      if (action === 'quit') quit();
      if (action === 'quit' || action === null) return;
      act(action, now);
    }
    saidAtMs = performance.now();
    loop.wakeForKey();
  }

  function act(action: Action, now: Scene): void {
    const refusal = whyNot(action, now) ?? moveTime(feed, action, now);
    if (refusal === null) gaze = moveGaze(now, action, roomOf(now, surface.size()));
    else say(refusal);
    if (action === 'write') startWriting(now);
  }

  function startWriting(now: Scene): void {
    if (keeper === null) say('nothing can be written here');
    else if (keeper.recordingTo() !== null) void keeper.stopRecording().then(tellResult);
    else gaze = { ...gaze, prompt: { asks: 'write', text: suggestName(now) } };
  }

  function enter({ asks, text }: Prompt, now: Scene): void {
    if (text.trim() === '') return;
    if (asks === 'write') {
      const isRecording = /\.ndjson(?:\.gz)?$/.test(text);
      const done = isRecording
        ? keeper?.record(text)
        : keeper?.writeText(text, writtenView(now, surface.size()).map(lineText).join('\n'));
      void done?.then(tellResult);
      return;
    }
    const goal = parseGoal(text, now.reading.nowNs, now.reading.coverage.from_ns ?? now.extent?.fromNs ?? 0);
    say(goal.ok ? (feed.transport?.seek(goal.value) ?? null) : goal.error);
  }

  function tellResult(result: Result<string>): void {
    say(result.ok ? result.value : result.error);
    loop.wakeForKey();
  }

  return { run: loop.run, press, wake: loop.wakeForKey, stop: loop.stop };
}

/** What a key does to time; why it could not, or null. */
function moveTime(feed: Feed, action: Action, { gaze, mode }: Scene): string | null {
  const { transport } = feed;
  const key = gaze.place.at === 'file' ? gaze.place.key : null;
  switch (action) {
    case 'pause':
      return feed.togglePause();
    case 'step':
      return transport?.step(1) ?? null;
    case 'step-back':
      return transport?.step(-1) ?? null;
    case 'next-finding':
      return transport?.stepFinding(1, key) ?? null;
    case 'previous-finding':
      return transport?.stepFinding(-1, key) ?? null;
    case 'faster':
      return transport?.accelerate(1) ?? null;
    case 'slower':
      return transport?.accelerate(-1) ?? null;
    case 'end':
      return mode === 'live' ? feed.togglePause() : (transport?.seek({ to: 'end' }) ?? null);
    default:
      return null;
  }
}
