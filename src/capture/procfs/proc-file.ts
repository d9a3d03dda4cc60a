/**
 * Reading /proc while its processes come and go. A file that is gone, or that this user may not read, is no error here:
 * it reads as null, a directory as empty. Every reader takes the root of the tree, so that tests can put up a made-up one.
 *
 * Reads are synchronous: a process costs some ten of them at a few microseconds each, an await would cost more. What
 * can block (a process's mappings) is read elsewhere, in a child with a time limit.
 */
import { accessSync, constants, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export const PROC_ROOT = '/proc';

/** The whole text, or null. Bytes that are no UTF-8 (a hostile name) become U+FFFD. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** What the link says, or null. */
export function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** The entries of a directory that are numbers (pids, tids, descriptors), ascending. */
export function listNumbers(path: string): readonly number[] {
  return listNames(path)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** The names in a directory, sorted. */
export function listNames(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

/** Whether it is there, but this user may not read it. */
export function isDenied(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
  }
}
