/**
 * From the mount id in fdinfo to the file system's device and type. mountinfo prints the super block's own device, the
 * one that probes and /proc/locks know; stat(2) of a file on btrfs or overlayfs tells another one.
 *
 * Mount ids are unique on the machine, but a mountinfo lists those of one mount namespace: containers have their own.
 */
import { statSync } from 'node:fs';
import type { Ino } from '../../event/event.ts';
import { parseMountEntries } from '../mountinfo.ts';
import { type InodeId, parseDecimalDevice, parseInodeNumber, statDevice } from './inode-id.ts';
import { PROC_ROOT, readLink, readText } from './proc-file.ts';

export interface MountedFs {
  readonly dev: number;
  /** "xfs", "tmpfs"; '' where it is not known. */
  readonly fs: string;
}

/** The mounts met so far; grows by a mount namespace whenever a process of a new one is asked for. */
export interface MountTable {
  readonly procRoot: string;
  readonly byId: Map<number, MountedFs>;
  readonly namespacesSeen: Set<string>;
}

/** An empty table over this /proc. */
export function createMountTable(procRoot = PROC_ROOT): MountTable {
  return { procRoot, byId: new Map(), namespacesSeen: new Set() };
}

/** The mount with this id, seen from a process that has a file open on it; null where no namespace lists it. */
export function findMount(table: MountTable, mountId: number, pid: number | 'self'): MountedFs | null {
  const known = table.byId.get(mountId);
  if (known !== undefined) return known;
  const namespace = readLink(`${table.procRoot}/${pid}/ns/mnt`) ?? String(pid);
  if (!table.namespacesSeen.has(namespace)) {
    table.namespacesSeen.add(namespace);
    const text = readText(`${table.procRoot}/${pid}/mountinfo`) ?? '';
    for (const { id, dev, fs } of parseMountEntries(text)) {
      const number = parseDecimalDevice(dev);
      if (number !== null) table.byId.set(id, { dev: number, fs });
    }
  }
  return table.byId.get(mountId) ?? null;
}

/** The type of the file system on a device, as far as a listed mount tells; '' otherwise. */
export function fsTypeOf(table: MountTable, dev: number): string {
  for (const mount of table.byId.values()) if (mount.dev === dev) return mount.fs;
  return '';
}

/**
 * The inode of an open file: by its fdinfo where its mount is listed, else by stat(2). Not listed are the kernel's own
 * mounts (memfd, anonymous shared memory), which never block, and those that were detached while in use.
 */
export function inodeOfDescriptor(
  table: MountTable,
  pid: number | 'self',
  fd: number,
  info: { readonly mountId: number; readonly ino: Ino },
): (InodeId & { readonly fs: string }) | null {
  const mount = findMount(table, info.mountId, pid);
  if (mount !== null) return { dev: mount.dev, ino: info.ino, fs: mount.fs };
  try {
    const stat = statSync(`${table.procRoot}/${pid}/fd/${fd}`, { bigint: true });
    const dev = statDevice(stat.dev);
    return { dev, ino: parseInodeNumber(String(stat.ino)), fs: fsTypeOf(table, dev) };
  } catch {
    return null;
  }
}
