/** The guests' root file systems: a minimal Debian of the pair's suite with bpftrace and what stories use. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APT_OPTIONS, sourceLines } from './apt.ts';
import { type Built, obtain, recipeHash } from './cache.ts';
import { runHost } from './host.ts';
import { makeImage } from './image.ts';
import { LabError, say } from './messages.ts';
import type { Pair } from './pairs.ts';

export const ROOT_IMAGE = 'root.img';
export const EXT4_IMAGE = 'ext4.img';

const PACKAGES = [
  'bpftrace',
  // host binaries linked with libibverbs find it, and the rxe provider, here
  'libibverbs1',
  'ibverbs-providers',
  'rdma-core',
  'iproute2',
  'xfsprogs',
  'e2fsprogs',
  'kmod',
  'procps',
  'util-linux',
  'mount',
  'strace',
  'nfs-kernel-server',
  'nfs-common',
  // the host's Node is linked with it
  'libstdc++6',
] as const;

/** Not read by anything in a guest; it halves the time to write the image. */
const LEFT_OUT = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/locale/*',
  '/usr/share/info/*',
] as const;

const RECIPE = 2;

/** Where the pair's root file system is in the cache. */
export const rootName = (pair: Pair): string => `root-${pair.userSuite}`;

/** The root image of a pair's suite. Facts: `bpftrace` (the package's version). */
export function obtainRoot(pair: Pair): Promise<Built> {
  const recipe = recipeHash(RECIPE, pair.userSuite, PACKAGES, LEFT_OUT);
  return obtain(rootName(pair), recipe, async (dir) => {
    const tree = join(dir, 'tree');
    say(`building Debian ${pair.userSuite} with bpftrace (half a minute)`);
    await runHost(`build a Debian ${pair.userSuite} root file system`, [
      'mmdebstrap',
      '--quiet',
      '--variant=minbase',
      `--include=${PACKAGES.join(',')}`,
      ...APT_OPTIONS.map((option) => `--aptopt=${option.replace('=', ' "')}"`),
      ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
      pair.userSuite,
      tree,
      ...sourceLines([pair.userSuite]),
    ]);
    const version = readPackageVersion(join(tree, 'var/lib/dpkg/status'), 'bpftrace');
    if (!version.startsWith(`${pair.bpftrace}.`)) {
      throw new LabError(
        `Debian ${pair.userSuite} now has bpftrace ${version}, the lab's table says ${pair.bpftrace}: correct pairs.ts`,
      );
    }
    await makeImage(join(dir, ROOT_IMAGE), tree, 512);
    await runHost('remove the unpacked root file system', ['rm', '-rf', tree]);
    return { bpftrace: version };
  });
}

/** An empty ext4 for /mnt/ext4, the same for all kernels. */
export function obtainExt4(): Promise<Built> {
  return obtain('ext4', recipeHash(RECIPE), async (dir) => {
    const empty = join(dir, 'empty');
    mkdirSync(empty);
    await makeImage(join(dir, EXT4_IMAGE), empty, 256);
    return {};
  });
}

function readPackageVersion(statusFile: string, name: string): string {
  const status = readFileSync(statusFile, 'utf8');
  return new RegExp(`^Package: ${name}\\n(?:.+\\n)*?Version: (\\S+)`, 'm').exec(status)?.[1] ?? 'unknown';
}
