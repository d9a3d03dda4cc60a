/** What commands say: answers to standard output, everything else to standard error in single lines. */
import { once } from 'node:events';
import { cleanName } from '../base/text.ts';

/** Says one line on standard error. What is hostile in it (names, paths) can neither break the line nor the terminal. */
export function say(message: string): void {
  process.stderr.write(`whopins: ${cleanName(message)}\n`);
}

/** Says one line and gives back the exit code that goes with it. */
export function fail(message: string, exitCode: number): number {
  say(message);
  return exitCode;
}

/** Says one line about progress, only where somebody watches. */
export function sayProgress(message: string): void {
  if (process.stderr.isTTY) say(message);
}

/** Prints to standard output and waits while it is full: a slow reader must not fill our memory. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Prints one answer as JSON, indented, since people read it too. */
export async function printJson(answer: unknown): Promise<void> {
  await print(`${JSON.stringify(answer, null, 2)}\n`);
}

/** Ends quietly when nobody reads our output any more, as `whopins report FILE | head` does. */
export function exitWhenUnread(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') say(`cannot write to standard output: ${error.message}`);
    process.exit(error.code === 'EPIPE' ? 0 : 2);
  });
}

/** Prints what the user asked to be told of the command line. */
export function printHelp(text: string): void {
  exitWhenUnread();
  process.stdout.write(text);
}

/** Commander spreads an error and its suggestion over two lines; ours are one. */
export function sayUsageError(text: string): void {
  say(
    text
      .replace(/^error: /, '')
      .trim()
      .replace(/\s*\n\s*/g, ' '),
  );
}
