/**
 * Which file a sleeping call works on: by its descriptor, or by the path that its argument points to in the caller's
 * memory. A path is looked up again, as the caller would: it may have got another meaning meanwhile.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { classifyLink } from './descriptors.ts';
import type { MountTable } from './mounts.ts';
import { type FoundFile, identifyDescriptor, identifyPath } from './openers.ts';
import { readLink } from './proc-file.ts';
import type { Sleeper } from './sleepers.ts';
import { hasStuckThread } from './tasks.ts';

/** The file of a sleeper's call, or null where no argument tells it or it cannot be read. */
export function fileOfCall(sleeper: Sleeper, mounts: MountTable): FoundFile | null {
  const { pid, tid, file } = sleeper;
  if (file === null) return null;
  if (file.by === 'fd') return fileOfDescriptor(pid, file.fd, mounts);
  // Reading /proc/PID/mem takes the mmap_lock; the sleeper itself does not hold it in any of these calls.
  const path = hasStuckThread(pid, mounts.procRoot, tid)
    ? null
    : readPath(pid, file.address, mounts.procRoot);
  if (path === null || path === '') return null;
  const own = `${mounts.procRoot}/${pid}`;
  const base = file.base === null ? `${own}/cwd` : `${own}/fd/${file.base}`;
  const found = identifyPath(path.startsWith('/') ? `${own}/root${path}` : `${base}/${path}`, mounts);
  if (found === null) return null;
  return { ...found, path: path.startsWith('/') ? path : `${readLink(base) ?? ''}/${path}` };
}

/** The file behind a descriptor of a process, or null. */
export function fileOfDescriptor(pid: number, fd: number, mounts: MountTable): FoundFile | null {
  const link = readLink(`${mounts.procRoot}/${pid}/fd/${fd}`);
  return link === null ? null : identifyDescriptor({ pid, fd, target: classifyLink(link) }, mounts);
}

const PATH_MAX = 4096;
const PAGE_SIZE = 4096;

/** The text at an address of a process's memory, up to its NUL; null where it cannot be read to the end. */
function readPath(pid: number, address: bigint, procRoot: string): string | null {
  try {
    const memory = openSync(`${procRoot}/${pid}/mem`, 'r');
    try {
      const text = Buffer.alloc(PATH_MAX);
      let length = 0;
      // To the end of each page: the next one need not be mapped.
      while (length < PATH_MAX) {
        const position = address + BigInt(length);
        const room = Math.min(PATH_MAX - length, PAGE_SIZE - Number(position % BigInt(PAGE_SIZE)));
        const read = readSync(memory, text, length, room, position);
        const end = text.subarray(length, length + read).indexOf(0);
        if (end >= 0) return text.toString('utf8', 0, length + end);
        if (read < room) return null;
        length += read;
      }
      return null;
    } finally {
      closeSync(memory);
    }
  } catch {
    return null;
  }
}
