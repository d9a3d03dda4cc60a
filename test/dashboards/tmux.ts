/** A real terminal for tests: a private tmux server with one window of fixed size, driven by keys, read as text. */
import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const POLL_MS = 40;
const PATIENCE_MS = 60_000;

/** Why these tests cannot run here, or false. */
export function tmuxMissing(): string | false {
  const { status, error } = spawnSync('tmux', ['-V'], { stdio: 'ignore' });
  return error === undefined && status === 0 ? false : 'needs tmux: install it (apt-get install tmux)';
}

export interface Terminal {
  /** Types a command line into the shell. */
  readonly type: (command: string) => Promise<void>;
  /** Presses keys, as tmux names them: `Enter`, `Escape`, `Down`, `C-c`, `q`. */
  readonly press: (...keys: readonly string[]) => Promise<void>;
  /** Waits until the screen shows all patterns, and returns it. Fails with the last screen. */
  readonly waitFor: (...patterns: readonly RegExp[]) => Promise<string>;
  /** The same with another patience than that of the tests, milliseconds. */
  readonly waitWithin: (ms: number, ...patterns: readonly RegExp[]) => Promise<string>;
  /** The screen with its colours, as SGR sequences. */
  readonly painted: () => Promise<string>;
  /** What is behind a program that took the whole screen. */
  readonly behind: () => Promise<string>;
  /** A program has the whole screen (the terminal's alternate screen). */
  readonly isTaken: () => Promise<boolean>;
  readonly resize: (width: number, height: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens a window with a plain shell. */
export async function openTerminal(
  width: number,
  height: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Terminal> {
  const server = `whopins-test-${randomUUID()}`;
  const tmux = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run('tmux', ['-L', server, '-f', '/dev/null', ...args]);
    return stdout;
  };
  const given = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', ENV: '', ...env };
  const size = ['-x', String(width), '-y', String(height)];
  const settings = Object.entries(given).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  await tmux('new-session', '-d', ...size, ...settings, 'env TERM=tmux-256color sh');
  await tmux('set-option', '-g', 'escape-time', '0');

  const screen = (): Promise<string> => tmux('capture-pane', '-p');

  const waitFor = (...patterns: readonly RegExp[]): Promise<string> => waitWithin(PATIENCE_MS, ...patterns);

  async function waitWithin(ms: number, ...patterns: readonly RegExp[]): Promise<string> {
    const until = Date.now() + ms;
    for (;;) {
      const shown = await screen();
      const missing = patterns.filter((pattern) => !pattern.test(shown));
      if (missing.length === 0) return shown;
      if (Date.now() > until) throw new Error(`the screen never showed ${missing.join(' and ')}:\n${shown}`);
      await sleep(POLL_MS);
    }
  }

  const press = async (...keys: readonly string[]): Promise<void> => {
    await tmux('send-keys', ...keys);
  };
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await tmux('kill-server');
  };
  await waitFor(/^[$#]/m).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    type: (command) => press(command, 'Enter'),
    press,
    waitFor,
    waitWithin,
    painted: () => tmux('capture-pane', '-p', '-e', '-N'),
    behind: () => tmux('capture-pane', '-p', '-a', '-q'),
    isTaken: async () => (await tmux('display-message', '-p', '#{alternate_on}')).trim() === '1',
    resize: async (columns, lines) => {
      await tmux('resize-window', '-x', String(columns), '-y', String(lines));
    },
    close,
  };
}
