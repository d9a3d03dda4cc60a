/**
 * Registered files of io_urings: a ring keeps them open when every descriptor is closed. fdinfo prints only their names,
 * so a file is recognised by its path, as the ring's process sees it or as a descriptor shows it.
 */
import type { RawRow } from '../../event/encode.ts';
import { type InodeId, inodeKey } from './inode-id.ts';
import type { MountTable } from './mounts.ts';
import { identifyPath, type Opener } from './openers.ts';
import type { Ring } from './ring-rows.ts';
import { commonColumns, type RowContext } from './walk-row.ts';

const S_IFREG = 0o100000;

/** `walk.kept` rows for the wanted files (keys of `inodeKey`); `openers` help with files that have no name any more. */
export function registeredRows(
  context: RowContext,
  rings: readonly Ring[],
  wanted: ReadonlySet<string>,
  openers: readonly Opener[],
  mounts: MountTable,
): readonly RawRow[] {
  const shown = new Map<string, InodeId>(
    openers.map((opener) => [opener.isDeleted ? `${opener.path} (deleted)` : opener.path, opener]),
  );
  return rings.flatMap((ring) => {
    const [pid] = ring.descriptors.map((descriptor) => descriptor.pid);
    if (pid === undefined) return [];
    return ring.files.flatMap(({ slot, name }): readonly RawRow[] => {
      if (!name.startsWith('/')) return [];
      const file = shown.get(name) ?? identifyPath(`${context.procRoot}/${pid}/root${name}`, mounts);
      if (file === null || !wanted.has(inodeKey(file))) return [];
      return [
        {
          kind: 'walk.kept',
          ...commonColumns(context, pid),
          keeper: context.pointerOf(`ring ${ring.ino}`),
          how: 2,
          file: context.pointerOf(`file of ring ${ring.ino} slot ${slot}`),
          dev: file.dev,
          ino: file.ino,
          mode: S_IFREG,
          object: 0,
          source: 'the name of a registered file in /proc/PID/fdinfo',
        },
      ];
    });
  });
}
