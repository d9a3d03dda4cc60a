/** Where the lab keeps things. All of it is outside the repository, except what the guest reads of the checkout. */
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The checkout which guests get a copy of, at /mnt/whopins; WHOPINS_LAB_REPO names another one. */
export const REPO = resolve(process.env.WHOPINS_LAB_REPO ?? join(import.meta.dirname, '..', '..'));

/** Kernels, root file systems and running guests; WHOPINS_LAB_CACHE overrides it. */
export const CACHE = resolve(
  process.env.WHOPINS_LAB_CACHE ??
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'whopins-lab'),
);

/** One directory per running guest. */
export const RUNS = join(CACHE, 'run');

/** The shell scripts that run inside guests. */
export const GUEST_SCRIPTS = join(import.meta.dirname, 'guest');

/** The directory of the Node that runs this: guests run whopins with the same binary. */
export const NODE_DIR = dirname(process.execPath);

/** The built command line, on the host. */
export const WHOPINS_CLI = join(REPO, 'dist', 'src', 'cli.js');
