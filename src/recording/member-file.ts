/**
 * A recording's file while it is written: members one after another, each on its way to disk before the next begins.
 * Where a write fails, what fitted of its member stays: a reader uses it up to its last whole row.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { err, ok, type Result } from '../base/result.ts';
import { describeFileError, errorCode } from './file-error.ts';
import { type MemberLabel, packMember } from './member.ts';

export interface MemberFile {
  /** Packs and writes; the member's place in the file. */
  readonly write: (text: string, label: MemberLabel) => Promise<Result<number>>;
  /** Bytes written so far. */
  readonly size: () => number;
  readonly close: () => Promise<Result<void>>;
}

/** A crash of the process loses no finished member; a power cut loses those of the last second at most. */
const SYNC_MS = 1000;

/**
 * Opens (and empties) the file, readable for its owner only: names of files and processes are nobody else's affair.
 * With `isNew` a file that is there already is an error.
 */
export async function openMemberFile(path: string, isNew = false): Promise<Result<MemberFile>> {
  let file: FileHandle | null = null;
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC } = constants;
    file = await open(path, O_WRONLY | O_CREAT | (isNew ? O_EXCL : O_TRUNC), 0o600);
    const isRegular = (await file.stat()).isFile();
    // A device such as /dev/null must keep its mode.
    if (isRegular) await file.chmod(0o600);
    return ok(createMemberFile(file, isRegular));
  } catch (error) {
    await file?.close().catch(() => {});
    return err(describeFileError(error));
  }
}

function createMemberFile(file: FileHandle, isRegular: boolean): MemberFile {
  let size = 0;
  let syncedAt = 0;

  async function write(text: string, label: MemberLabel): Promise<Result<number>> {
    const at = size;
    try {
      const bytes = await packMember(text, label);
      // From the front: what fits is written, and a reader can use it.
      for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
      size += bytes.length;
      if (performance.now() - syncedAt >= SYNC_MS) await sync();
      return ok(at);
    } catch (error) {
      return err(describeFileError(error));
    }
  }

  async function sync(): Promise<void> {
    await file.datasync().catch(ignoreUnsyncable);
    syncedAt = performance.now();
  }

  async function close(): Promise<Result<void>> {
    try {
      if (isRegular) await sync();
      await file.close();
      return ok(undefined);
    } catch (error) {
      await file.close().catch(() => {});
      return err(describeFileError(error));
    }
  }

  return { write, size: () => size, close };
}

/** Pipes and devices cannot be flushed to disk; an I/O error of a disk must be told. */
function ignoreUnsyncable(error: unknown): void {
  if (!['EINVAL', 'ENOTSUP', 'EROFS'].includes(errorCode(error))) throw error;
}
