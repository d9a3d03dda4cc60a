/**
 * Who has these files open: descriptors compared by inode, so that renamed, deleted and hard-linked files are found, and
 * files that another mount namespace calls by another name.
 */
import { closeSync, openSync } from 'node:fs';
import { type Descriptor, readFdInfo } from './descriptors.ts';
import { type InodeId, inodeKey } from './inode-id.ts';
import type { ProcLease } from './locks.ts';
import { inodeOfDescriptor, type MountTable } from './mounts.ts';

/** A descriptor of a wanted file. */
export interface Opener extends InodeId {
  readonly pid: number;
  readonly fd: number;
  /** The file's name as this process sees it, without "(deleted)". */
  readonly path: string;
  readonly isDeleted: boolean;
  readonly fs: string;
  /** open(2) flags. */
  readonly flags: number;
  /** The leases that lie on this very open file. */
  readonly leases: readonly ProcLease[];
}

/** A file that a path or a descriptor led to. */
export interface FoundFile extends InodeId {
  readonly path: string;
  readonly fs: string;
}

/**
 * Those of the descriptors that lead to one of the wanted files (keys of `inodeKey`). Reads one fdinfo for each
 * descriptor of a named file, nothing for pipes and sockets.
 */
export function findOpeners(
  descriptors: readonly Descriptor[],
  wanted: ReadonlySet<string>,
  mounts: MountTable,
): readonly Opener[] {
  if (wanted.size === 0) return [];
  return descriptors.flatMap((descriptor) => {
    const opener = identifyDescriptor(descriptor, mounts);
    return opener !== null && wanted.has(inodeKey(opener)) ? [opener] : [];
  });
}

/** The file behind a descriptor; null for what is no named file, or is gone. */
export function identifyDescriptor(descriptor: Descriptor, mounts: MountTable): Opener | null {
  const { pid, fd, target } = descriptor;
  if (target.kind !== 'file') return null;
  const info = readFdInfo(pid, fd, mounts.procRoot);
  const inode = info && inodeOfDescriptor(mounts, pid, fd, info);
  if (info === null || inode === null) return null;
  const { path, isDeleted } = target;
  return { pid, fd, path, isDeleted, ...inode, flags: info.flags, leases: info.leases };
}

/** O_PATH of include/uapi/asm-generic/fcntl.h; Node does not name it. */
const O_PATH = 0o10000000;

/**
 * The file at a path of this process's view, or null. Opened with O_PATH only: that breaks no lease, truncates nothing
 * and does not ask the file system for attributes, so it cannot wait for what the caller is looking into.
 */
export function identifyPath(path: string, mounts: MountTable): (InodeId & { readonly fs: string }) | null {
  try {
    const fd = openSync(path, O_PATH);
    try {
      const info = readFdInfo(process.pid, fd, '/proc');
      return info && inodeOfDescriptor(mounts, 'self', fd, info);
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
