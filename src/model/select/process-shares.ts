/**
 * Which files each process has to do with, and how much it holds in all; kept up as the files' lines change, for views
 * that ask for two thousand processes on ten thousand files ten times a second.
 */
import type { InodeKey } from '../../event/event.ts';
import type { FileSummary } from '../answer.ts';

export interface ProcessShare {
  /** Files on which it has leases or pins. */
  readonly files: number;
  /** Pinned in these files, by it or others. */
  readonly pinnedBytes: number;
  /** Files that it holds, or on which it waits. */
  readonly keys: ReadonlySet<InodeKey>;
}

interface Growing extends ProcessShare {
  files: number;
  pinnedBytes: number;
  readonly keys: Set<InodeKey>;
}

export interface ProcessShares {
  /** A file's line was that, and is this now; null where there was or is none. */
  readonly change: (before: FileSummary | null, now: FileSummary | null) => void;
  /** By pid. */
  readonly shares: ReadonlyMap<number, ProcessShare>;
}

/** Of no files. */
export function createProcessShares(): ProcessShares {
  const shares = new Map<number, Growing>();

  function shareOf(pid: number): Growing {
    let share = shares.get(pid);
    if (share === undefined) {
      share = { files: 0, pinnedBytes: 0, keys: new Set() };
      shares.set(pid, share);
    }
    return share;
  }

  function add({ key, holderPids, pinnedBytes, waiting }: FileSummary): void {
    for (const pid of holderPids) {
      const share = shareOf(pid);
      share.files += 1;
      share.pinnedBytes += pinnedBytes;
      share.keys.add(key);
    }
    for (const { pid } of waiting) shareOf(pid).keys.add(key);
  }

  function remove({ key, holderPids, pinnedBytes, waiting }: FileSummary): void {
    for (const pid of holderPids) {
      const share = shareOf(pid);
      share.files -= 1;
      share.pinnedBytes -= pinnedBytes;
      forget(pid, share, key);
    }
    for (const { pid } of waiting) forget(pid, shareOf(pid), key);
  }

  function forget(pid: number, share: Growing, key: InodeKey): void {
    share.keys.delete(key);
    if (share.keys.size === 0) shares.delete(pid);
  }

  function change(before: FileSummary | null, now: FileSummary | null): void {
    if (before !== null) remove(before);
    if (now !== null) add(now);
  }

  return { change, shares };
}

/** The same of files that do not change. */
export function sharesOf(files: readonly FileSummary[]): ReadonlyMap<number, ProcessShare> {
  const { change, shares } = createProcessShares();
  for (const file of files) change(null, file);
  return shares;
}
