/** The command that is run while tracing: in our terminal, with our input and output, as if we were not there. */
import { constants } from 'node:os';
import { execa } from 'execa';

export interface TracedCommand {
  readonly pid: number | undefined;
  /** Asks it to end: `perf record` does the same to its workload. */
  readonly terminate: () => void;
  /** Its exit code; 128 + signal number where a signal ended it, 127 not found, 126 not executable, as in a shell. */
  readonly exited: Promise<number>;
}

/**
 * Runs a command with our standard streams. It stays in our process group, so that Ctrl-C in the terminal reaches it.
 * @param stdout where its output goes: 'stderr' when our standard output carries the recording.
 */
export function runCommand(command: readonly string[], stdout: 'stdout' | 'stderr'): TracedCommand {
  const [file = '', ...args] = command;
  const child = execa(file, args, {
    stdin: 'inherit',
    stdout: stdout === 'stdout' ? 'inherit' : 2,
    stderr: 'inherit',
    buffer: false,
    reject: false,
    cleanup: false,
  });
  return {
    pid: child.pid,
    terminate: () => {
      child.kill('SIGTERM');
    },
    exited: child.then(({ code, exitCode, signal }) => {
      if (code === 'ENOENT') return 127;
      if (code === 'EACCES') return 126;
      if (signal !== undefined) return 128 + constants.signals[signal];
      return exitCode ?? 1;
    }),
  };
}
