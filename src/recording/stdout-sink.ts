/** A recording to standard output, as plain lines: that is how it leaves a guest while it is being made. */
import { err, ok, type Result } from '../base/result.ts';
import { describeFileError } from './file-error.ts';
import type { RecordedFile } from './recorded-file.ts';

/** Each batch at once. Checkpoints are of no use where nobody can seek. */
export function openStdout(): RecordedFile {
  // The callback below tells of errors; without a listener they would end the process besides.
  process.stdout.on('error', () => {});
  function write(lines: string): Promise<Result<void>> {
    return new Promise((resolve) => {
      process.stdout.write(lines, (error) => resolve(error ? err(describeFileError(error)) : ok(undefined)));
    });
  }
  return {
    append: write,
    flush: async () => ok(undefined),
    addCheckpoint: () => 0,
    finish: (lastLine) => write(`${lastLine}\n`),
    size: () => 0,
  };
}
