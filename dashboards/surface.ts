/** The one thing between frames and a terminal. Swapping the terminal library means writing one more of these. */
import type { Frame, Size } from './frame.ts';

/** A key by its plain name: `q`, `up`, `enter`, `escape`, `space`, `pagedown`, `ctrl-c`, `?`, `G`, `TAB` with shift. */
export type KeyName = string;

export interface Surface {
  readonly size: () => Size;
  /** Paints a frame that was made for `size()`. */
  readonly draw: (frame: Frame) => void;
  readonly onKey: (listener: (key: KeyName) => void) => void;
  readonly onResize: (listener: () => void) => void;
  /** Gives the terminal to somebody else for a while, and takes it again, painted as it was. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Gives the terminal back as it was. May be called at any time, more than once. */
  readonly close: () => void;
}

/** What decides whether a dashboard can be shown. */
export interface TerminalFacts {
  readonly stdinIsTty: boolean;
  readonly stdoutIsTty: boolean;
  readonly term: string | undefined;
}

/** Facts of this process. */
export function readTerminalFacts(): TerminalFacts {
  return {
    stdinIsTty: process.stdin.isTTY === true,
    stdoutIsTty: process.stdout.isTTY === true,
    term: process.env.TERM,
  };
}

/** Why no dashboard can be shown here, as one line for stderr; null if it can. */
export function refuseTerminal(facts: TerminalFacts): string | null {
  if (!facts.stdoutIsTty) return 'cannot show the dashboard: standard output is not a terminal; use --plain';
  if (!facts.stdinIsTty) return 'cannot show the dashboard: standard input is not a terminal; use --plain';
  if (facts.term === undefined || facts.term === '' || facts.term === 'dumb' || facts.term === 'unknown') {
    return `cannot show the dashboard: TERM is ${facts.term || 'not set'}; set TERM (for example xterm-256color) or use --plain`;
  }
  return null;
}
