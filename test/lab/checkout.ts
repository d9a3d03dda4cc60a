/**
 * The host's checkout, as guests get it: what whopins needs to run, packed into one file and unpacked in the guest's
 * memory. Read file by file over 9p, loading whopins takes 10 s longer; and a guest must not see a build half done.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipeHash } from './cache.ts';
import type { Guest } from './guest.ts';
import { runHost } from './host.ts';
import { LabError } from './messages.ts';
import { REPO } from './paths.ts';

/** Names inside the directory that guests see as /mnt/lab; guest/unpack knows the archive's. */
const ARCHIVE = 'whopins.tar';
const STAMP = 'whopins.stamp';

const OWN = ['package.json', 'dist', 'probes', 'dashboards/demo'] as const;

/** Paths in the checkout, relative to it. */
function runtimePaths(): string[] {
  const lock = join(REPO, 'package-lock.json');
  const packages = existsSync(lock)
    ? (JSON.parse(readFileSync(lock, 'utf8')) as { packages: Record<string, { dev?: boolean }> }).packages
    : {};
  const dependencies = Object.keys(packages).filter((path) => path !== '' && packages[path]?.dev !== true);
  return [...OWN, ...dependencies].filter((path) => existsSync(join(REPO, path)));
}

/** Changes when a file that whopins runs from does. */
function stampOf(paths: readonly string[]): string {
  const walk = (path: string): unknown[] => {
    const { mtimeMs, size } = lstatSync(path);
    const entries = lstatSync(path).isDirectory() ? readdirSync(path) : [];
    return [path, mtimeMs, size, ...entries.map((name) => walk(join(path, name)))];
  };
  return recipeHash(
    paths.filter((path) => !path.startsWith('node_modules')).map((path) => walk(join(REPO, path))),
  );
}

/** Writes the archive into a guest's shared directory; false when it is there already and nothing has changed. */
export async function packCheckout(shareDir: string): Promise<boolean> {
  const paths = runtimePaths();
  const stamp = stampOf(paths);
  const stampFile = join(shareDir, STAMP);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false;
  const leaveOut = ['*.md', '*.map', '*.d.ts'].map((pattern) => `--exclude=${pattern}`);
  await runHost('pack the checkout', [
    'tar',
    '-cf',
    join(shareDir, ARCHIVE),
    '-C',
    REPO,
    ...leaveOut,
    ...paths,
  ]);
  writeFileSync(stampFile, stamp);
  return true;
}

/** Gives a running guest the checkout as it is now, if it has changed. */
export async function renewCheckout(guest: Guest): Promise<void> {
  if (!(await packCheckout(guest.hostPath()))) return;
  const { exitCode, stderr } = await guest.run(['/lab/unpack'], { timeoutMs: 60_000 });
  if (exitCode !== 0)
    throw new LabError(`cannot renew the checkout in guest ${guest.facts.kernel}: ${stderr.trim()}`);
}
