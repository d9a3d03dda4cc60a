/** Where a file is found from the root directory: its path inside its file system, put behind the mount point. */
import type { Mount } from './header.ts';

/**
 * All paths that lead to a file through these mounts, best first: whole file systems before bind mounts, then the
 * shortest. `dev` is major:minor, `inside` the path from its file system's root.
 */
export function pathsThroughMounts(mounts: readonly Mount[], dev: string, inside: string): readonly string[] {
  return mounts
    .filter((mount) => mount.dev === dev && isBelow(inside, mount.root))
    .sort(byPreference)
    .map((mount) => join(mount.path, mount.root === '/' ? inside : inside.slice(mount.root.length)));
}

function isBelow(path: string, root: string): boolean {
  return root === '/' || path === root || path.startsWith(`${root}/`);
}

/** Whole file systems before bind mounts, then the shortest path. */
function byPreference(one: Mount, other: Mount): number {
  const whole = Number(other.root === '/') - Number(one.root === '/');
  return whole || one.path.length - other.path.length || (one.path < other.path ? -1 : 1);
}

function join(mountPoint: string, inside: string): string {
  if (inside === '/' || inside === '') return mountPoint;
  return mountPoint === '/' ? inside : `${mountPoint}${inside}`;
}
