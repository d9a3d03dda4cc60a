/** The bytes of a recording file: to its end, or, while it is still being written, for as long as it grows. */
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { err, ok, type Result } from '../base/result.ts';
import { describeFileError } from './file-error.ts';

const CHUNK_BYTES = 256 * 1024;
const POLL_MS = 100;

/**
 * Opens a file for reading. With `follow`, its end is waited at until the signal aborts. A read error ends the bytes:
 * what was read before it is used, and a missing last line tells that the recording is not whole.
 */
export async function openBytes(path: string, follow?: AbortSignal): Promise<Result<AsyncIterable<Buffer>>> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isDirectory()) {
      await file.close();
      return err('it is a directory');
    }
    return ok(readBytes(file, follow));
  } catch (error) {
    return err(describeFileError(error));
  }
}

async function* readBytes(file: FileHandle, follow?: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES);
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (follow === undefined || follow.aborted) return;
      else await sleep(POLL_MS, undefined, { signal: follow }).catch(() => {});
    }
  } catch {
    return;
  } finally {
    await file.close().catch(() => {});
  }
}
