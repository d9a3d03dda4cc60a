/** Whether a recording can be written somewhere: asked before the probes are attached, which takes seconds. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import { describeFileError, errorCode } from './file-error.ts';

/** Checks without touching anything. The error is one line that says what to do. */
export async function checkRecordingPlace(path: string): Promise<Result<void>> {
  if (path === '-') return ok(undefined);
  const why = await findObstacle(path);
  return why === null ? ok(undefined) : err(cannotWrite(path, why));
}

async function findObstacle(path: string): Promise<string | null> {
  try {
    if ((await stat(path)).isDirectory()) return 'it is a directory';
    await access(path, constants.W_OK);
    return null;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') return describeFileError(error);
  }
  try {
    await access(dirname(path), constants.W_OK);
    return null;
  } catch (error) {
    return describeFileError(error);
  }
}

/** The one sentence for all that can go wrong while writing. */
export function cannotWrite(path: string, why: string): string {
  const target = path === '-' ? 'standard output' : path;
  return `cannot write the recording to ${target}: ${why}; choose another place with -o`;
}
