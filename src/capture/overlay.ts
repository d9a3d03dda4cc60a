/**
 * overlayfs shows files that lie in other directories: pages, mappings and pins belong to the inode of the file below,
 * the upper one where there is one, else the first of the lower ones (Documentation/filesystems/overlayfs.rst).
 */
import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type MountEntry, unescapeOctal } from './mountinfo.ts';

/**
 * The path of the file that an overlay's file stands for; null where it cannot be found from here: the layers are
 * mounted elsewhere, were given as relative paths, or a directory on the way was renamed.
 */
export async function findBelow(mount: MountEntry, path: string, stat: BigIntStats): Promise<string | null> {
  const inside = pathInside(mount, path);
  if (inside === null) return null;
  for (const layer of layersOf(mount.options)) {
    const candidate = join(layer, inside);
    const found = await lstat(candidate, { bigint: true }).catch(() => null);
    // An overlay shows size and times of the file below; only its numbers may be its own.
    if (found?.isFile() && found.size === stat.size && found.mtimeNs === stat.mtimeNs) return candidate;
  }
  return null;
}

/** Upper, then lower directories from top to bottom, then those that hold data only. Relative ones are left out. */
export function layersOf(options: readonly string[]): readonly string[] {
  const valuesOf = (name: string) =>
    options
      .filter((option) => option.startsWith(`${name}=`))
      .map((option) => unescapeOctal(option.slice(name.length + 1)));
  const layers = [
    ...valuesOf('upperdir'),
    ...valuesOf('lowerdir').flatMap(splitLayers),
    // From Linux 6.8 on each layer may be an option of its own.
    ...valuesOf('lowerdir+'),
    ...valuesOf('datadir+'),
  ];
  return layers.filter((layer) => layer.startsWith('/'));
}

/** Colons separate directories; one that belongs to a name has a backslash before it, as has a backslash. */
function splitLayers(text: string): readonly string[] {
  return (text.match(/(?:\\.|[^:\\])+/g) ?? []).map((layer) => layer.replace(/\\(.)/g, '$1'));
}

function pathInside({ path: mountPoint, root }: MountEntry, path: string): string | null {
  const prefix = mountPoint === '/' ? '' : mountPoint;
  return path.startsWith(`${prefix}/`) ? join(root, path.slice(prefix.length)) : null;
}
