/** Which file is meant: by device and inode number, or by path. */

import { err, ok, type Result } from '../../base/result.ts';
import { cleanName, plural } from '../../base/text.ts';
import { type Dev, type Ino, type InodeKey, inodeKey } from '../../event/event.ts';
import type { Target } from '../answer.ts';
import { isBare, LOST_FILE, NO_INODE } from '../inodes.ts';
import { pathOf, pathsOf, targetOf } from '../names.ts';
import type { Inode, Model } from '../state.ts';

const DEV_INO = /^(\d+):(\d+):(\d+)$/;

/**
 * The file that `text` names: "major:minor:ino" (also of a file that was never seen: the answer then says so), a path,
 * or the end of a path if only one known file has it.
 */
export function findTarget(model: Model, text: string): Result<InodeKey> {
  if (text === NO_INODE) return ok(LOST_FILE);
  if (DEV_INO.test(text)) return ok(text as InodeKey);
  const files = [...model.inodes.values()].filter(isAnswerable);
  const exact = files.filter(
    (inode) => pathOf(model, inode) === text || pathsOf(model, inode).includes(text),
  );
  const found = exact.length > 0 ? exact : files.filter((inode) => hasEnd(pathOf(model, inode), text));
  const [first, second] = found;
  if (first === undefined) {
    const known = files.filter((inode) => !isBare(inode)).length;
    return err(
      `no file '${cleanName(text)}' was seen; ${plural(known, 'file')} with leases or pins were: name one of those, or give major:minor:inode`,
    );
  }
  if (second !== undefined) {
    const names = found
      .slice(0, 3)
      .map((inode) => `${cleanName(pathOf(model, inode) ?? '?')} (${inode.key})`);
    return err(
      `'${cleanName(text)}' may be ${plural(found.length, 'file')}: ${names.join(', ')}; give major:minor:inode`,
    );
  }
  return ok(first.key);
}

/** The file of a key, as answers name it, also where nothing is known of it. */
export function targetOfKey(model: Model, key: InodeKey): Target {
  const inode = model.inodes.get(key);
  if (inode !== undefined) return targetOf(model, inode);
  const [, major = '0', minor = '0', number = '0'] = DEV_INO.exec(key) ?? [];
  const dev = `${major}:${minor}`;
  const fs = model.header.mounts.find((mount) => mount.dev === dev)?.fs ?? null;
  return { dev, ino: inoOf(number), path: null, fs };
}

/** The path of a file by its numbers; null where it is not known. Clean it before it is shown. */
export function pathOfFile(model: Model, dev: Dev, ino: Ino): string | null {
  const inode = model.inodes.get(inodeKey(dev, ino));
  return inode === undefined ? null : pathOf(model, inode);
}

/** Whether an inode stands for a file at all: rows of anonymous memory carry a number of their own. */
export function isAnswerable(inode: Inode): boolean {
  return inode.key !== NO_INODE;
}

function inoOf(text: string): Ino {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

function hasEnd(path: string | null, text: string): boolean {
  return path !== null && text !== '' && (path === text || path.endsWith(`/${text.replace(/^\.\//, '')}`));
}
