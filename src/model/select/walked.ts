/**
 * What a walk adds to an answer beyond the holders: who uses the file, how the pins that were found compare with the
 * kernel's own count, and which pages may be this file's although nothing says so any more.
 */
import { cleanName, formatCount, joinWords, plural } from '../../base/text.ts';
import type { InodeKey } from '../../event/event.ts';
import type { FileUser, PinBalance, PinVia } from '../answer.ts';
import { generationsOf, LOST_FILE } from '../inodes.ts';
import { DEFINITE, type Judgement, likely, unknown } from '../judgement.ts';
import type { Inode, Model, Pin, Task } from '../state.ts';
import { taskRef } from './tasks.ts';

/** The processes that have the file open or mapped it, as the last walk saw them. */
export function usersOf(model: Model, key: InodeKey): readonly FileUser[] {
  const fds = new Map<Task, number[]>();
  for (const file of model.walk.open.get(key) ?? []) {
    for (const hold of file.held) {
      for (const task of hold.table.users) fds.set(task, [...(fds.get(task) ?? []), ...hold.fds]);
    }
  }
  const inode = model.inodes.get(key);
  const mapped = inode?.mapped?.shown === model.walk.count ? inode.mapped.bytes : new Map<Task, number>();
  const tasks = new Set([...fds.keys(), ...mapped.keys()].filter((task) => task.exited === null));
  return [...tasks]
    .sort((one, other) => one.pid - other.pid)
    .map((task) => ({
      ...taskRef(task),
      fds: [...new Set(fds.get(task))].sort((one, other) => one - other),
      mapped_bytes: mapped.get(task) ?? 0,
    }));
}

/** All pinned pages of the system, as the last walk found and the kernel counted them; null without either. */
export function pinBalance({ walk }: Model): PinBalance | null {
  return walk.balance;
}

/** How many more pages the kernel counted as pinned than the walk could explain. */
export function unexplainedPages(balance: PinBalance | null): number {
  return balance === null ? 0 : Math.max(0, balance.counted - balance.explained);
}

/** That somebody else has pages pinned, too: it takes nothing from what was found. */
export function balanceReasons({ walk }: Model): readonly string[] {
  const pages = unexplainedPages(walk.balance);
  if (pages === 0) return [];
  return [
    `when the walk looked, the kernel counted ${plural(pages, 'pinned page')} more than lie in the objects that it found`,
  ];
}

/** Gaps at which a holder may be: a way of pinning that could not be looked into, or the walk as a whole. */
const WAYS_TO_HOLD: ReadonlySet<string> = new Set<
  PinVia | 'walk' | 'fd-passing' | 'io_uring-files' | 'io_uring-mappings'
>([
  'fd-passing',
  'io_uring-files',
  'io_uring-mappings',
  'rdma-mr',
  'io_uring-buffer',
  'xdp-umem',
  'vfio',
  'vmsplice',
  'walk',
]);

/** How certain it is that nobody holds a file of which a walk showed no holder. */
export function judgeNobody({ walk }: Model): Judgement {
  const unlooked = walk.gaps.find(({ path }) => WAYS_TO_HOLD.has(path));
  if (unlooked !== undefined) return unknown(`the walk found no holder, but ${cleanName(unlooked.reason)}`);
  const blind = 'the walk found no holder; it does not see direct I/O under way, nor users inside the kernel';
  return unexplainedPages(walk.balance) > 0 ? unknown(blind) : likely(blind);
}

/**
 * Pins that may be of this file: their pages were taken from a file of its device, and nothing tells from which. None
 * for the place itself where such pins are kept.
 */
export function possiblePins(model: Model, key: InodeKey): readonly Pin[] {
  const [major = '', minor = ''] = key.split(':');
  const place = model.inodes.get(`${major}:${minor}:0` as InodeKey);
  if (place === undefined || place.key === key || `${major}:${minor}` === '0:0') return [];
  return lostPins(place);
}

/** What else may be this file's: pages that were not looked at, and, where nobody was found, pages of no file. */
export function judgePossible(
  model: Model,
  key: InodeKey,
  inode: Inode | undefined,
  isHeld: boolean,
): readonly Judgement[] {
  if (key === LOST_FILE) return [];
  const lost = lostReasons(model, key);
  return [isHeld || lost.length === 0 ? DEFINITE : likely(lost.join('; ')), judgeHidden(model, inode)];
}

/**
 * Pinned pages that were some file's and do not tell even its device. They block nothing on this file any more, so they
 * take nothing from what is said about those who hold it.
 */
export function lostReasons(model: Model, key: InodeKey): readonly string[] {
  const lost = key === LOST_FILE ? undefined : model.inodes.get(LOST_FILE);
  const pages = lost === undefined ? 0 : lostPins(lost).reduce((sum, pin) => sum + pin.left, 0);
  return pages === 0 ? [] : [`${plural(pages, 'pinned page')} of no file any more may have been this file's`];
}

function judgeHidden({ walk, objects }: Model, inode: Inode | undefined): Judgement {
  const isKnown = (pin: Pin) => pin.inode === inode;
  const hidden = walk.hidden.filter(({ object }) => ![...(objects.get(object) ?? [])].some(isKnown));
  if (hidden.length === 0) return DEFINITE;
  const pages = hidden.reduce((sum, each) => sum + each.pages, 0);
  const where = joinWords([...new Set(hidden.map(({ what }) => what))], 2);
  return likely(
    `the walk did not look at ${formatCount(pages)} pinned pages (${where}): they may be this file's`,
  );
}

function lostPins(place: Inode): Pin[] {
  return generationsOf(place).flatMap((each) => [...each.pins].filter((pin) => pin.orphan));
}
