/**
 * A path, looked at without opening the file: an O_PATH descriptor breaks no lease, wakes no device and waits for no
 * pipe's other end (fs/open.c: do_dentry_open returns before break_lease), yet the kernel tells through it which mount
 * the file was reached by and what its path really is.
 */
import type { BigIntStats } from 'node:fs';
import { open, readFile, readlink } from 'node:fs/promises';
import { err, ok, type Result } from '../base/result.ts';
import type { Ino } from '../event/event.ts';
import { type MountEntry, readMounts } from './mountinfo.ts';
import { parseFdInfo } from './procfs/fdinfo.ts';
import { parseInodeNumber } from './procfs/inode-id.ts';

export interface PathLook {
  readonly stat: BigIntStats;
  /** The inode's own number (fdinfo, from Linux 5.14 on); on some overlays stat(2) tells another. */
  readonly ino: Ino;
  /** The path after all symbolic links, as the kernel shows it: a deleted file's ends with ` (deleted)`. */
  readonly path: string;
  /** Null where the mount is in another mount namespace, or inside the kernel (memfd). */
  readonly mount: MountEntry | null;
}

/** include/uapi/asm-generic/fcntl.h; Node has no name for it. */
const O_PATH = 0o10000000;

/** Looks at what a path leads to; symbolic links are followed. The error says why it could not, without the path. */
export async function lookAtPath(path: string): Promise<Result<PathLook>> {
  try {
    const file = await open(path, O_PATH);
    try {
      const fdinfo = await readFile(`/proc/self/fdinfo/${file.fd}`, 'utf8').catch(() => '');
      const told = parseFdInfo(fdinfo);
      const stat = await file.stat({ bigint: true });
      return ok({
        stat,
        ino: told?.ino ?? parseInodeNumber(String(stat.ino)),
        path: await readlink(`/proc/self/fd/${file.fd}`).catch(() => path),
        mount: told && (await findMount(told.mountId, path)),
      });
    } finally {
      await file.close();
    }
  } catch (error) {
    return err(describe(error));
  }
}

/** `/proc/PID/root/…` leads into the mounts that the process sees; their ids are unique on the whole host. */
async function findMount(id: number, path: string): Promise<MountEntry | null> {
  const through = /^\/proc\/(\d+)\//.exec(path)?.[1];
  const own = (await readMounts('self')).find((mount) => mount.id === id);
  if (own !== undefined || through === undefined) return own ?? null;
  return (await readMounts(Number(through))).find((mount) => mount.id === id) ?? null;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'a part of the path is no directory'],
  ['EACCES', 'this user may not look there'],
  ['EPERM', 'this user may not look there'],
  ['ELOOP', 'its symbolic links go in a circle'],
  ['ENAMETOOLONG', 'the path is too long'],
]);

function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS.get(code) ?? (error instanceof Error ? error.message : String(error));
}
