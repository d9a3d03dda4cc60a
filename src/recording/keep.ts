/** Files that a dashboard's user asks for: never over one that is there, and readable for the owner only. */
import { constants } from 'node:fs';
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { err, ok, type Result } from '../base/result.ts';
import { describeFileError, errorCode } from './file-error.ts';

/** Writes a new file. The error is one line. */
export async function writeNewText(path: string, text: string): Promise<Result<void>> {
  return told(path, () => writeFile(path, text, { flag: 'wx', mode: 0o600 }));
}

/** Copies a recording to a new file. The error is one line. */
export async function copyToNew(from: string, path: string): Promise<Result<void>> {
  return told(path, async () => {
    await copyFile(from, path, constants.COPYFILE_EXCL);
    await chmod(path, 0o600);
  });
}

async function told(path: string, write: () => Promise<void>): Promise<Result<void>> {
  try {
    await write();
    return ok(undefined);
  } catch (error) {
    const why = errorCode(error) === 'EEXIST' ? 'it is there already' : describeFileError(error);
    return err(`cannot write ${path}: ${why}; choose another name`);
  }
}
