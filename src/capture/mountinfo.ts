/**
 * /proc/PID/mountinfo as a table. Its device is the super block's own (`sb->s_dev`, fs/proc_namespace.c), which is what
 * inodes carry in the kernel, also where stat(2) invents another one (btrfs subvolumes, overlayfs).
 */
import { readFile } from 'node:fs/promises';
import type { Mount } from '../event/header.ts';

export interface MountEntry extends Mount {
  /** What `mnt_id` in /proc/PID/fdinfo/FD refers to. */
  readonly id: number;
  /** The super block's options as the kernel prints them, still escaped: split them at commas first. */
  readonly options: readonly string[];
}

/** The mounts that a process sees; `who` is a pid or `self`. Empty where they cannot be read. */
export async function readMounts(who: number | 'self'): Promise<readonly MountEntry[]> {
  return parseMountEntries(await readFile(`/proc/${who}/mountinfo`, 'utf8').catch(() => ''));
}

/**
 * Parses lines such as `36 35 98:0 /root /mount/point rw,noatime master:1 - ext3 /dev/root rw`.
 * Source: proc_pid_mountinfo(5).
 */
export function parseMountEntries(text: string): readonly MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [id, , dev, root, path] = before.split(' ');
    const [fs, , options = ''] = after.split(' ');
    if (dev === undefined || root === undefined || path === undefined || !fs) return [];
    return [
      {
        id: Number(id),
        dev,
        root: unescapeOctal(root),
        path: unescapeOctal(path),
        fs,
        options: options.split(','),
      },
    ];
  });
}

/** Space, tab, newline, backslash and whatever else would break a line are octal escapes (`\040`): bytes of UTF-8. */
export function unescapeOctal(text: string): string {
  return text.replace(/(?:\\[0-7]{3})+/g, (escapes) =>
    Buffer.from(
      escapes
        .slice(1)
        .split('\\')
        .map((octal) => Number.parseInt(octal, 8)),
    ).toString('utf8'),
  );
}
