/**
 * A headless Chromium, for what only a browser can tell. It is driven over two pipes (--remote-debugging-pipe: messages of
 * the Chrome DevTools Protocol, 1.3, each ended by a NUL), so no port is opened and no package is needed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** The browser of this machine, null where there is none; WHOPINS_CHROMIUM names another. */
export function findBrowser(): string | null {
  const named = process.env.WHOPINS_CHROMIUM;
  const candidates = named === undefined ? NAMES : [named];
  return candidates.find((name) => spawnSync(name, ['--version']).status === 0) ?? null;
}

export const WITHOUT_BROWSER =
  'needs Chromium: apt install chromium-headless-shell, or WHOPINS_CHROMIUM=PATH';

type Fields = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: Fields;
  readonly error?: { readonly message: string };
}

export interface Page {
  /** What an expression in the page is worth. */
  readonly ask: (expression: string) => Promise<unknown>;
  readonly press: (key: string) => Promise<void>;
  /** Moves, presses, drags and lets go the mouse: the points in window pixels. */
  readonly drag: (from: readonly [number, number], to: readonly [number, number]) => Promise<void>;
  readonly hover: (x: number, y: number) => Promise<void>;
  readonly setScheme: (scheme: 'dark' | 'light') => Promise<void>;
  /** A PNG of the page's upper part. */
  readonly screenshot: (height: number) => Promise<Buffer>;
  /** Errors of scripts and of the console, and the addresses that were asked for. */
  readonly errors: readonly string[];
  readonly requests: readonly string[];
}

export interface Browser {
  /** Opens an address in a window of this width. */
  readonly open: (url: string, width?: number) => Promise<Page>;
  readonly close: () => Promise<void>;
}

/** Starts a browser of its own, with an empty profile. */
export async function startBrowser(path: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'whopins-browser-'));
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe'];
  const child = spawn(path, [...options, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const { send, listen } = connect(child);

  async function open(url: string, width = 1100): Promise<Page> {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const session = String(sessionId);
    const tell = (method: string, params: Fields = {}) => send(method, params, session);
    const errors: string[] = [];
    const requests: string[] = [];
    const loaded = new Promise<void>((resolve) => {
      listen(session, (method, params) => {
        if (method === 'Page.loadEventFired') resolve();
        if (method === 'Runtime.exceptionThrown') errors.push(JSON.stringify(params));
        if (method === 'Log.entryAdded') errors.push(JSON.stringify(params));
        if (method === 'Network.requestWillBeSent') requests.push(String(Object(params.request).url));
      });
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await tell(`${domain}.enable`);
    const size = { width, height: 1000, deviceScaleFactor: 1, mobile: false };
    await tell('Emulation.setDeviceMetricsOverride', size);
    await tell('Page.navigate', { url });
    await loaded;

    async function ask(expression: string): Promise<unknown> {
      const { result, exceptionDetails } = await tell('Runtime.evaluate', {
        expression,
        returnByValue: true,
      });
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return Object(result).value;
    }

    const mouse = (type: string, [x, y]: readonly [number, number], button = 'none') =>
      tell('Input.dispatchMouseEvent', { type, x, y, button, clickCount: 1 });

    return {
      ask,
      async press(key) {
        await tell('Input.dispatchKeyEvent', { type: 'keyDown', key });
        await tell('Input.dispatchKeyEvent', { type: 'keyUp', key });
      },
      async drag(from, to) {
        await mouse('mouseMoved', from);
        await mouse('mousePressed', from, 'left');
        await mouse('mouseMoved', to, 'left');
        await mouse('mouseReleased', to, 'left');
      },
      async hover(x, y) {
        await mouse('mouseMoved', [x, y]);
      },
      async setScheme(value) {
        await tell('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
      },
      async screenshot(height) {
        const clip = { x: 0, y: 0, width, height, scale: 1 };
        const { data } = await tell('Page.captureScreenshot', { clip, captureBeyondViewport: true });
        return Buffer.from(String(data), 'base64');
      },
      errors,
      requests,
    };
  }

  async function close(): Promise<void> {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await send('Browser.close').catch(() => child.kill());
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }

  return { open, close };
}

type Listener = (method: string, params: Fields) => void;

/** Commands out over one pipe, answers and events in over the other. */
function connect(child: ChildProcess) {
  const [, , , out, into] = child.stdio;
  const answers = new Map<number, (message: Message) => void>();
  const listeners = new Map<string, Listener>();
  let text = '';
  let ids = 0;

  (into as Readable).on('data', (chunk: Buffer) => {
    const parts = (text + chunk.toString()).split('\0');
    text = parts.pop() ?? '';
    for (const part of parts) receive(JSON.parse(part));
  });

  child.once('exit', () => {
    for (const answer of answers.values()) answer({ error: { message: 'the browser ended' } });
  });

  function receive(message: Message & { readonly sessionId?: string }): void {
    const { id, method, params = {}, sessionId = '' } = message;
    if (id !== undefined) answers.get(id)?.(message);
    else if (method !== undefined) listeners.get(sessionId)?.(method, params);
  }

  function send(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
    ids += 1;
    const id = ids;
    (out as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      answers.set(id, ({ result = {}, error }) => {
        answers.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  return { send, listen: (session: string, listener: Listener) => listeners.set(session, listener) };
}
