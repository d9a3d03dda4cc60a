/**
 * Which inode of the running kernel a user means: a path or MAJOR:MINOR:INODE becomes the device and inode number that
 * the kernel's own objects carry. Where stat(2) tells other numbers than those, the difference is resolved or said.
 */
import type { BigIntStats } from 'node:fs';
import { err, ok, type Result } from '../base/result.ts';
import { deviceName } from '../event/column.ts';
import { type Ino, type InodeKey, inodeKey } from '../event/event.ts';
import { readMounts } from './mountinfo.ts';
import { findBelow } from './overlay.ts';
import { lookAtPath, type PathLook } from './path-look.ts';
import { kernelDevice, parseDecimalDevice, parseInodeNumber, statDevice } from './procfs/inode-id.ts';

export interface LiveTarget {
  readonly key: InodeKey;
  /** The kernel's dev_t: major << 20 | minor. */
  readonly dev: number;
  readonly ino: Ino;
  /** Null where the user gave numbers. */
  readonly path: string | null;
  readonly fs: string | null;
  /** How the file was found, where that is not obvious: one line each. */
  readonly notes: readonly string[];
  /** Why these numbers may stand for another file than the one that was meant: an answer is no longer definite. */
  readonly doubts: readonly string[];
}

/** Finds the inode. The error is one line: what was tried, what happened, what to do. */
export async function resolveTarget(text: string): Promise<Result<LiveTarget>> {
  const numbers = /^(\d+):(\d+):(\d+)$/.exec(text);
  if (numbers !== null) return targetOfNumbers(text, numbers.slice(1));
  const look = await lookAtPath(text);
  if (!look.ok) {
    const remedy = /^[\da-f:]+$/i.test(text)
      ? 'a device and inode number are written MAJOR:MINOR:INODE'
      : 'check the path, or give MAJOR:MINOR:INODE';
    return err(`cannot find ${text === '' ? 'a file without a name' : text}: ${look.error}; ${remedy}`);
  }
  const refusal = refuseKind(look.value.stat);
  return refusal === null ? ok(await targetOfLook(look.value)) : err(`${text} is ${refusal}`);
}

const MOST_MAJOR = (1 << 12) - 1;
const MOST_MINOR = (1 << 20) - 1;
const MOST_INO = 2n ** 64n - 1n;

async function targetOfNumbers(text: string, words: readonly string[]): Promise<Result<LiveTarget>> {
  const [major = 0, minor = 0] = words.map(Number);
  const ino = BigInt(words[2] ?? 0);
  if (major > MOST_MAJOR || minor > MOST_MINOR || ino > MOST_INO || ino === 0n) {
    return err(
      `${text} is no MAJOR:MINOR:INODE: the kernel has majors to 4095, minors to 1048575, inode numbers from 1 to 2^64 - 1; stat -c %Hd:%Ld:%i FILE prints one`,
    );
  }
  const dev = `${major}:${minor}`;
  const fs = (await readMounts('self')).find((mount) => mount.dev === dev)?.fs ?? null;
  const notes = fs === null ? [`no file system with device ${dev} is mounted here`] : [];
  const identity = identify(kernelDevice(major, minor), parseInodeNumber(String(ino)));
  return ok({ ...identity, path: null, fs, notes, doubts: doubtsOf(fs) });
}

/** What keeps a file of this kind from being asked about; null for a regular file. */
function refuseKind(stat: BigIntStats): string | null {
  if (stat.isFile()) return null;
  if (stat.isDirectory()) {
    return 'a directory: name a file in it, or give no path to see every file that is pinned or waited for';
  }
  if (stat.isSocket()) return 'a socket: it has no pages that could be pinned; name a regular file';
  if (stat.isFIFO()) {
    return 'a pipe: it may hold pages of a file, but has none of its own; name that file, or give no path';
  }
  if (stat.isBlockDevice() || stat.isCharacterDevice()) {
    return 'a device: name a file on its file system, or give no path';
  }
  return 'no regular file: it has no pages that could be pinned; name a file';
}

async function targetOfLook(look: PathLook): Promise<LiveTarget> {
  const { stat, ino, path, mount } = look;
  if (mount?.fs === 'overlay') {
    const below = await findBelow(mount, path, stat);
    const lookBelow = below === null ? null : await lookAtPath(below);
    if (lookBelow?.ok) return belowOverlay(path, await targetOfLook(lookBelow.value));
  }
  const mountDev = mount === null ? null : parseDecimalDevice(mount.dev);
  const isElsewhere = mount === null && !isKernelInternal(path);
  return {
    ...identify(mountDev ?? statDevice(stat.dev), ino),
    path,
    fs: mount?.fs ?? null,
    notes: [],
    doubts: [...doubtsOf(mount?.fs ?? null), ...(isElsewhere ? [ELSEWHERE] : [])],
  };
}

const ELSEWHERE =
  'the file is in another mount namespace: on btrfs and overlayfs the kernel knows it by other numbers; give its path as /proc/PID/root/PATH of a process there';

/** Files that no path leads to lie on a mount of the kernel's own: memfd, System V shared memory, shared anonymous. */
function isKernelInternal(path: string): boolean {
  return /^\/(?:memfd:|SYSV|dev\/zero).* \(deleted\)$/.test(path);
}

function belowOverlay(path: string, below: LiveTarget): LiveTarget {
  const note = `${path} lies on an overlay: its pages are those of ${below.path}; a lease that was taken through the overlay is not seen there`;
  return { ...below, notes: [note, ...below.notes] };
}

function doubtsOf(fs: string | null): readonly string[] {
  switch (fs) {
    case 'btrfs':
      return ['on btrfs a file of another subvolume may have the same numbers'];
    case 'overlay':
      return [
        "the file's pages belong to another file below the overlay, which was not found; ask about that file",
      ];
    default:
      return [];
  }
}

function identify(dev: number, ino: Ino): Pick<LiveTarget, 'key' | 'dev' | 'ino'> {
  return { key: inodeKey(deviceName(dev), ino), dev, ino };
}
