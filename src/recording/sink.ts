/**
 * Where a recording goes: a file of concatenated gzip members, each of which survives whatever happens after it, or
 * standard output as plain lines (that is how a recording leaves a guest while it is being made).
 */
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { err, ok, type Result } from '../base/result.ts';
import { describeFileError, errorCode } from './file-error.ts';

export interface RowSink {
  /** Takes whole lines, each with its newline. An error is final: what was written before it stays. */
  readonly append: (lines: string) => Promise<Result<void>>;
  /** Writes what is held. */
  readonly flush: () => Promise<Result<void>>;
  /** Writes what is held and closes. */
  readonly close: () => Promise<Result<void>>;
}

/** A member is finished when it holds this much text, or when its first line has waited this long. */
const MEMBER_CHARACTERS = 256 * 1024;
const MEMBER_MS = 1000;
/** A crash of the process loses no finished member; a power cut loses those of the last second at most. */
const SYNC_MS = 1000;

const compress = promisify(gzip);

/** Opens (and empties) the file, readable for its owner only: names of files and processes are nobody else's affair. */
export async function openGzipSink(path: string): Promise<Result<RowSink>> {
  try {
    const file = await open(path, 'w', 0o600);
    // A device such as /dev/null must keep its mode.
    if ((await file.stat()).isFile()) await file.chmod(0o600);
    return ok(createGzipSink(file));
  } catch (error) {
    return err(describeFileError(error));
  }
}

function createGzipSink(file: FileHandle): RowSink {
  let held: string[] = [];
  let heldCharacters = 0;
  let timer: NodeJS.Timeout | null = null;
  let failure: string | null = null;
  let syncedAt = 0;
  /** Members are written one after another: each waits for the one before it. */
  let written: Promise<void> = Promise.resolve();

  async function writeMember(text: string): Promise<void> {
    if (failure !== null) return;
    try {
      await file.appendFile(await compress(text));
      if (performance.now() - syncedAt < SYNC_MS) return;
      await file.datasync().catch(ignoreUnsyncable);
      syncedAt = performance.now();
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    failure ??= describeFileError(error);
  }

  function finishMember(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (held.length > 0) {
      const text = held.join('');
      held = [];
      heldCharacters = 0;
      written = written.then(() => writeMember(text));
    }
    return written;
  }

  function state(): Result<void> {
    return failure === null ? ok(undefined) : err(failure);
  }

  async function append(lines: string): Promise<Result<void>> {
    held.push(lines);
    heldCharacters += lines.length;
    if (heldCharacters >= MEMBER_CHARACTERS) await finishMember();
    else timer ??= setTimeout(finishMember, MEMBER_MS);
    return state();
  }

  async function flush(): Promise<Result<void>> {
    await finishMember();
    return state();
  }

  async function close(): Promise<Result<void>> {
    await finishMember();
    if (failure === null) await file.datasync().catch(ignoreUnsyncable).catch(fail);
    await file.close().catch(fail);
    return state();
  }

  return { append, flush, close };
}

/** Pipes and devices cannot be flushed to disk; an I/O error of a disk must be told. */
function ignoreUnsyncable(error: unknown): void {
  if (!['EINVAL', 'ENOTSUP', 'EROFS'].includes(errorCode(error))) throw error;
}

/** Plain lines to standard output, each batch at once. */
export function openStdoutSink(): RowSink {
  // The callback below tells of errors; without a listener they would end the process besides.
  process.stdout.on('error', () => {});
  async function append(lines: string): Promise<Result<void>> {
    return new Promise((resolve) => {
      process.stdout.write(lines, (error) => resolve(error ? err(describeFileError(error)) : ok(undefined)));
    });
  }
  const done = async () => ok(undefined);
  return { append, flush: done, close: done };
}
