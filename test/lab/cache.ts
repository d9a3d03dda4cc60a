/**
 * Built things (kernels, images) that are kept between runs. Each is a directory with a `facts.json`; it is built under a
 * temporary name and renamed when complete, so that an interrupted set-up leaves nothing that looks finished.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
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
  // flock(1) holds the lock until its stdin ends, and so never longer than this process lives
  const holder = execa('flock', [join(CACHE, 'lock'), 'sh', '-c', 'echo locked; exec cat'], {
    reject: false,
    buffer: false,
  });
  const waiting = setTimeout(() => say('waiting for another set-up to finish'), 500);
  await Promise.race([once(holder.stdout, 'data'), holder]);
  clearTimeout(waiting);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await holder;
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
