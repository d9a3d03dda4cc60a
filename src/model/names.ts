/**
 * What a file is called: the names from it up to its file system's root, put behind the point where that is mounted.
 */
import { pathsThroughMounts } from '../event/mounted-path.ts';
import type { Target } from './answer.ts';
import type { Inode, Model } from './state.ts';

/** The file as answers name it. Names are as the kernel told them: clean them before they are shown. */
export function targetOf(model: Model, inode: Inode): Target {
  const mount = model.header.mounts.find((each) => each.dev === inode.dev);
  return {
    dev: inode.dev,
    ino: inode.ino,
    path: pathOf(model, inode),
    fs: inode.fs ?? mount?.fs ?? null,
  };
}

/** The file's path; null where no name was seen. A name without a mounted root (memfd, pipe) stands for itself. */
export function pathOf(model: Model, inode: Inode): string | null {
  const inside = pathInside(inode.names);
  if (inside === null) return inode.path ?? (inode.hint?.startsWith('/') === true ? inode.hint : null);
  if (!inside.startsWith('/')) return inside;
  return pathsOf(model, inode)[0] ?? `[${inode.dev}]${inside}`;
}

/** All paths that lead to the file through the mounts known when tracing began, best first. */
export function pathsOf(model: Model, inode: Inode): readonly string[] {
  const inside = pathInside(inode.names);
  if (inside === null || !inside.startsWith('/')) return [];
  return pathsThroughMounts(model.header.mounts, inode.dev, inside);
}

/**
 * From the file system's root to the file. A walk that stopped before the root (it is at most eight names long) gives
 * the end of the path, after `...`.
 */
function pathInside(names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const root = names.indexOf('/');
  if (root === 0) return '/';
  if (root > 0) return `/${names.slice(0, root).reverse().join('/')}`;
  const path = [...names].reverse().join('/');
  return names.length === 1 ? path : `.../${path}`;
}
