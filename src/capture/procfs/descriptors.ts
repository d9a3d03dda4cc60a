/**
 * Every descriptor of every process, by what its link in /proc/PID/fd says: fast enough for 100,000 of them, because
 * only names are read. What needs more of a descriptor (its inode, a ring's buffers) asks for its fdinfo.
 */
import { type FdInfo, parseFdInfo } from './fdinfo.ts';
import { listNumbers, PROC_ROOT, readLink, readText } from './proc-file.ts';

export interface Descriptor {
  readonly pid: number;
  readonly fd: number;
  readonly target: DescriptorTarget;
}

/** What a descriptor leads to. `path` is the name that the kernel shows, whoever chose it. */
export type DescriptorTarget =
  | { readonly kind: 'pipe'; readonly ino: string }
  | { readonly kind: 'socket'; readonly ino: string }
  | { readonly kind: 'io_uring' }
  /** `device`: "uverbs0". */
  | { readonly kind: 'uverbs'; readonly device: string }
  | { readonly kind: 'vfio'; readonly device: string }
  | { readonly kind: 'file'; readonly path: string; readonly isDeleted: boolean }
  /** eventfd, epoll, namespaces: nothing that holds pages of a file. */
  | { readonly kind: 'other'; readonly name: string };

/** The descriptors of one process; none when it is gone or may not be looked at. */
export function listDescriptors(pid: number, procRoot = PROC_ROOT): readonly Descriptor[] {
  return listNumbers(`${procRoot}/${pid}/fd`).flatMap((fd) => {
    const link = readLink(`${procRoot}/${pid}/fd/${fd}`);
    return link === null ? [] : [{ pid, fd, target: classifyLink(link) }];
  });
}

/** What the kernel tells of the open file behind a descriptor, or null. */
export function readFdInfo(pid: number, fd: number, procRoot = PROC_ROOT): FdInfo | null {
  const text = readText(`${procRoot}/${pid}/fdinfo/${fd}`);
  return text === null ? null : parseFdInfo(text);
}

/** The text that the kernel adds to the path of a file whose last name is gone (d_path in fs/d_path.c). */
const DELETED = ' (deleted)';

/** Reads the target of a link in /proc/PID/fd (proc_pid_fd(5)). */
export function classifyLink(link: string): DescriptorTarget {
  if (link.startsWith('/')) return classifyPath(link);
  const [, kind, ino] = /^(pipe|socket):\[(\d+)\]$/.exec(link) ?? [];
  if (ino !== undefined) return { kind: kind === 'pipe' ? 'pipe' : 'socket', ino };
  if (link === 'anon_inode:[io_uring]') return { kind: 'io_uring' };
  return { kind: 'other', name: link };
}

function classifyPath(path: string): DescriptorTarget {
  const [, uverbs] = /^\/dev\/infiniband\/(uverbs\d+)$/.exec(path) ?? [];
  if (uverbs !== undefined) return { kind: 'uverbs', device: uverbs };
  const [, vfio] = /^\/dev\/vfio\/(\w+)$/.exec(path) ?? [];
  if (vfio !== undefined) return { kind: 'vfio', device: vfio };
  return stripDeleted(path);
}

/** A file may really be called "… (deleted)": then it is wrongly shown as deleted, and found by its inode all the same. */
function stripDeleted(path: string): DescriptorTarget {
  const isDeleted = path.endsWith(DELETED);
  return { kind: 'file', path: isDeleted ? path.slice(0, -DELETED.length) : path, isDeleted };
}
