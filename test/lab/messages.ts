/** How the lab speaks: progress on stderr (stdout belongs to the command that runs in the guest), and one error type. */

/** Exit codes of `npm run lab`; a command that runs in a guest passes on its own. */
export const EXIT = { storyFailed: 1, wrongUse: 2, cannotRun: 3 } as const;

/** An expected failure: its message is one line saying what was tried, what happened and what to do. */
export class LabError extends Error {
  /** Lines to print below the message: a program's last words, or a guest's console. */
  readonly details: readonly string[];
  readonly exitCode: number;

  constructor(message: string, details: readonly string[] = [], exitCode: number = EXIT.cannotRun) {
    super(message);
    this.name = 'LabError';
    this.details = details;
    this.exitCode = exitCode;
  }
}

/** Prints one progress line. */
export function say(text: string): void {
  process.stderr.write(`lab: ${text}\n`);
}

/** The last `count` non-empty lines of a text, without carriage returns and other control characters. */
export function lastLines(text: string, count: number): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\p{Cc}/gu, '').trimEnd());
  return lines.filter((line) => line !== '').slice(-count);
}
