/** The bytes of a recording file: to its end, or, while it is still being written, for as long as it grows. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { err, ok, type Result } from '../base/result.ts';
import { describeFileError, errorCode } from './file-error.ts';

const CHUNK_BYTES = 256 * 1024;
const POLL_MS = 100;
/** A pipe that nobody has written to for so long, from its opening on, has no writer. */
const PIPE_MS = 2000;
const PIPE_POLL_MS = 20;

export interface OpenedFile {
  readonly file: FileHandle;
  /** It can be read at any place, and again. */
  readonly isRegular: boolean;
}

/** Opens a file for reading; the error is in words. Opening a pipe does not wait for its writer. */
export async function openFile(path: string): Promise<Result<OpenedFile>> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isDirectory()) return ok({ file, isRegular: stats.isFile() });
    await file.close();
    return err('it is a directory');
  } catch (error) {
    return err(describeFileError(error));
  }
}

/**
 * A regular file's bytes from `offset` on. With `follow`, its end is waited at until the signal aborts. A read error
 * ends the bytes: what was read before it is used, and a missing last line tells that the recording is not whole.
 */
export async function* readBytes(
  file: FileHandle,
  offset: number,
  follow?: AbortSignal,
): AsyncGenerator<Buffer> {
  for (let at = offset; ; ) {
    const bytes = await readSome(file, at);
    if (bytes === null) return;
    at += bytes.length;
    if (bytes.length > 0) yield bytes;
    else if (follow === undefined || follow.aborted) return;
    else await sleep(POLL_MS, undefined, { signal: follow }).catch(() => {});
  }
}

async function readSome(file: FileHandle, at: number): Promise<Buffer | null> {
  try {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, at);
    return buffer.subarray(0, bytesRead);
  } catch {
    return null;
  }
}

/** The bytes of a pipe or a device, once. */
export async function* readPipe(file: FileHandle, follow?: AbortSignal): AsyncGenerator<Buffer> {
  let hasBegun = false;
  for (let waitedMs = 0; follow?.aborted !== true; ) {
    const bytes = await readAvailable(file);
    if (bytes === 'failed') return;
    if (bytes !== 'nothing yet' && bytes.length > 0) {
      hasBegun = true;
      yield bytes;
      continue;
    }
    // Its end, or nobody has opened it for writing so far.
    if (bytes !== 'nothing yet' && (hasBegun || waitedMs >= PIPE_MS)) return;
    await sleep(PIPE_POLL_MS);
    waitedMs += PIPE_POLL_MS;
  }
}

async function readAvailable(file: FileHandle): Promise<Buffer | 'nothing yet' | 'failed'> {
  try {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    return errorCode(error) === 'EAGAIN' ? 'nothing yet' : 'failed';
  }
}
