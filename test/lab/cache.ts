/**
 * Built things (kernels, images) that are kept between runs. Each is a directory with a `facts.json`; it is built under a
 * temporary name and renamed when complete, so that an interrupted set-up leaves nothing that looks finished.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './messages.ts';
import { CACHE } from './paths.ts';

/** What is known about a built thing (versions, file names), chosen by its builder. */
export type Facts = Readonly<Record<string, string>>;

export interface Built {
  readonly dir: string;
  readonly facts: Facts;
}

/** A short hash over everything that decides how something is built. */
export function recipeHash(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** The cached thing if it was built by this recipe, else undefined. */
export function findBuilt(name: string, recipe: string): Built | undefined {
  const dir = join(CACHE, name);
  try {
    const saved = JSON.parse(readFileSync(join(dir, 'facts.json'), 'utf8')) as {
      recipe: string;
      facts: Facts;
    };
    return saved.recipe === recipe ? { dir, facts: saved.facts } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the cached thing, building it first when it is missing or its recipe has changed.
 * `build` fills the directory it is given and returns the facts. Call it under {@link withLock}.
 */
export async function obtain(
  name: string,
  recipe: string,
  build: (dir: string) => Promise<Facts>,
): Promise<Built> {
  const found = findBuilt(name, recipe);
  if (found !== undefined) return found;
  const temporary = join(CACHE, `${name}.part`);
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const facts = await build(temporary);
  writeFileSync(join(temporary, 'facts.json'), `${JSON.stringify({ recipe, facts }, null, 2)}\n`);
  const dir = join(CACHE, name);
  rmSync(dir, { recursive: true, force: true });
  renameSync(temporary, dir);
  return { dir, facts };
}

/** Runs `work` while no other process of the lab is inside `withLock` on this cache; waits for it, saying so once. */
export async function withLock<T>(work: () => Promise<T>): Promise<T> {
  mkdirSync(CACHE, { recursive: true });
  const lock = join(CACHE, 'lock');
  for (let told = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      const owner = readOwner(lock);
      if (owner !== undefined && !isAlive(owner)) {
        rmSync(lock, { force: true });
        continue;
      }
      if (!told) say(`waiting for another set-up (pid ${owner ?? 'unknown'}) to finish`);
      told = true;
      await sleep(500);
    }
  }
  // process.exit on a signal skips `finally`
  const release = (): void => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

function readOwner(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process with this pid exists. */
export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

/** All entries of a directory of the cache; none when it does not exist. */
export function listCache(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
