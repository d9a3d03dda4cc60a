/**
 * The files of a recording that is kept in parts: `trace-0001.ndjson.gz`, `trace-0002.ndjson.gz`, … for `-o
 * trace.ndjson.gz`. Numbers go on where an earlier run stopped, so that no part is ever written over.
 */
import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** When a part is full, and how many parts are kept. */
export interface Rotation {
  /** Bytes on disk. */
  readonly maxBytes: number | null;
  readonly maxMs: number | null;
  /** The latest so many parts; null keeps all. */
  readonly keep: number | null;
}

const ENDING = /(?:\.ndjson)?(?:\.gz)?$/;
const DIGITS = 4;

/** The path of one part. */
export function partPath(path: string, part: number): string {
  const ending = ENDING.exec(path)?.[0] ?? '';
  return `${path.slice(0, path.length - ending.length)}-${String(part).padStart(DIGITS, '0')}${ending}`;
}

/** The parts that are there, in order. */
export async function listParts(path: string): Promise<readonly number[]> {
  const ending = ENDING.exec(path)?.[0] ?? '';
  const name = basename(path);
  const begin = `${name.slice(0, name.length - ending.length)}-`;
  const files = await readdir(dirname(path));
  return files
    .flatMap((file) => {
      if (!file.startsWith(begin) || !file.endsWith(ending)) return [];
      const digits = file.slice(begin.length, file.length - ending.length);
      return /^\d{4,9}$/.test(digits) ? [Number(digits)] : [];
    })
    .sort((one, other) => one - other);
}

/** Removes the oldest parts until `keep` are left; parts that are gone already are no error. */
export async function dropOldParts(path: string, keep: number): Promise<void> {
  const parts = await listParts(path).catch(() => []);
  for (const part of parts.slice(0, Math.max(0, parts.length - keep))) {
    await unlink(join(dirname(path), basename(partPath(path, part)))).catch(() => {});
  }
}
