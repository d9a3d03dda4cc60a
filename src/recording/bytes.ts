/** The bytes of a recording file: to its end, or, while it is still being written, for as long as it grows. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { err, ok, type Result } from '../base/result.ts';
import { describeFileError, errorCode } from './file-error.ts';

const CHUNK_BYTES = 256 * 1024;
/** What a failing disk keeps back is found by blocks of this size. */
const DEVICE_BLOCK_BYTES = 4096;
const POLL_MS = 100;
/** A pipe that nobody has written to for so long, from its opening on, has no writer. */
const PIPE_MS = 2000;
const PIPE_POLL_MS = 20;

export interface OpenedFile {
  readonly file: FileHandle;
  /** It can be read at any place, and again. */
  readonly isRegular: boolean;
}

/**
 * Opens a file for reading; the error is in words. Opening a pipe does not wait for its writer. A regular file is read
 * once, so that a device which cannot give even its first byte is told here.
 */
export async function openFile(path: string): Promise<Result<OpenedFile>> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    // Of a directory this is EISDIR.
    if (stats.isFile() || stats.isDirectory()) await file.read(Buffer.alloc(1), 0, 1, 0);
    return ok({ file, isRegular: stats.isFile() });
  } catch (error) {
    await file?.close().catch(() => {});
    return err(describeFileError(error));
  }
}

/** A regular file's bytes from `offset` on. With `follow`, its end is waited at until the signal aborts. */
export async function* readBytes(
  file: FileHandle,
  offset: number,
  follow?: AbortSignal,
): AsyncGenerator<Buffer> {
  for (let at = offset; ; ) {
    const room = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = await readAt(file, room, at);
    at += length;
    if (length > 0) yield room.subarray(0, length);
    else if (follow === undefined || follow.aborted) return;
    else await sleep(POLL_MS, undefined, { signal: follow }).catch(() => {});
  }
}

/** So many bytes of a regular file from a place on, or as many as there are. */
export async function readUpTo(file: FileHandle, length: number, at: number): Promise<Buffer> {
  const room = Buffer.allocUnsafe(length);
  let filled = 0;
  for (let more = -1; more !== 0 && filled < length; filled += more) {
    more = await readAt(file, room.subarray(filled), at + filled);
  }
  return room.subarray(0, filled);
}

/**
 * Reads from a place of a regular file as far as one read goes; 0 at its end. A block that the device cannot give comes
 * as zeros: to whoever unpacks, that is damage like any other, and costs no member but the one that it lies in.
 */
async function readAt(file: FileHandle, room: Buffer, at: number): Promise<number> {
  try {
    return (await file.read(room, 0, room.length, at)).bytesRead;
  } catch {
    return readBlock(file, room, at);
  }
}

/** Reads to the end of the device's block, or of the file: a small read, so that nothing else is lost with a bad block. */
async function readBlock(file: FileHandle, room: Buffer, at: number): Promise<number> {
  const left = Math.max(0, (await file.stat()).size - at);
  const block = room.subarray(0, Math.min(left, DEVICE_BLOCK_BYTES - (at % DEVICE_BLOCK_BYTES)));
  try {
    return (await file.read(block, 0, block.length, at)).bytesRead;
  } catch {
    return block.fill(0).length;
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
